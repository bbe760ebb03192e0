namespace Rnn.Engine.Codecs;

/// <summary>Several outputs of different kinds, which lie one after the other in the network's output.</summary>
/// <param name="heads">Each with its name, which differ.</param>
public sealed class NamedHeads(IReadOnlyList<(string Name, OutputHead Head)> heads) : OutputHead
{
    /// <summary>The outputs in their order.</summary>
    public IReadOnlyList<(string Name, OutputHead Head)> Heads => heads;

    /// <inheritdoc/>
    public override int Size { get; } = heads.Sum(head => head.Head.Size);

    /// <inheritdoc/>
    public override Output Decode(ReadOnlySpan<float> raw, int top)
    {
        var outputs = new List<KeyValuePair<string, Output>>();
        foreach (var (name, head) in heads)
        {
            outputs.Add(new(name, head.Decode(raw[..head.Size], top)));
            raw = raw[head.Size..];
        }

        return new NamedOutputs(outputs);
    }

    /// <inheritdoc/>
    public override float[] Values(ReadOnlySpan<float> raw)
    {
        var values = new List<float>();
        foreach (var (_, head) in heads)
        {
            values.AddRange(head.Values(raw[..head.Size]));
            raw = raw[head.Size..];
        }

        return [.. values];
    }
}
