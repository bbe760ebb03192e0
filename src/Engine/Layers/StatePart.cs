namespace Rnn.Engine.Layers;

/// <summary>What one layer keeps between timesteps.</summary>
/// <param name="Layer">The layer's name, such as <c>lstm.0</c>.</param>
/// <param name="Kind">Which of its states.</param>
/// <param name="Size">The number of floats; H of a hidden state.</param>
public sealed record StatePart(string Layer, StateKind Kind, int Size);

/// <summary>What layers keep: recurrent cells the first two, an attention the next two.</summary>
public enum StateKind
{
    /// <summary>h, which is also the layer's output.</summary>
    Hidden,

    /// <summary>c, an LSTM's memory.</summary>
    Cell,

    /// <summary>The outputs of an encoder, padded with zeros.</summary>
    Memory,

    /// <summary>How many timesteps of a memory there are.</summary>
    Length,

    /// <summary>Running moments of what came, or what a monitor has learnt of it.</summary>
    Statistics,
}
