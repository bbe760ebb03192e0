namespace Rnn.Engine.Codecs;

/// <summary>Turns the network's output into the user's terms.</summary>
public abstract class OutputHead
{
    /// <summary>O, the width of the network's output.</summary>
    public abstract int Size { get; }

    /// <summary>What an output stands for.</summary>
    /// <param name="raw">The network's output, [O].</param>
    /// <param name="top">How many candidates a distribution lists.</param>
    public abstract Output Decode(ReadOnlySpan<float> raw, int top);

    /// <summary>The output as an example in <c>model.json</c> states it: logits, or values in the user's units.</summary>
    public virtual float[] Values(ReadOnlySpan<float> raw) => [.. raw];
}
