namespace Rnn.Engine.Layers;

/// <summary>Where each layer's hidden and cell state lie in the one float buffer of a <see cref="RecurrentState"/>.</summary>
public sealed class StateLayout
{
    /// <param name="fingerprint">Identifies the model: 32 hexadecimal digits.</param>
    /// <param name="parts">The states of all layers, first layer first.</param>
    /// <param name="initial">The values of all parts before the first timestep; empty if they are zero.</param>
    public StateLayout(string fingerprint, IReadOnlyList<StatePart> parts, float[] initial)
    {
        Fingerprint = fingerprint;
        Parts = parts;
        Size = parts.Sum(part => part.Size);
        Initial = initial;
        Top = TopOf(parts);
    }

    /// <summary>Identifies the model whose states these are. A state of another model is refused.</summary>
    public string Fingerprint { get; }

    /// <summary>The states of all layers in the order in which they lie in the buffer.</summary>
    public IReadOnlyList<StatePart> Parts { get; }

    /// <summary>The number of floats of one state.</summary>
    public int Size { get; }

    /// <summary>The values of all parts before the first timestep; empty if they are zero.</summary>
    public float[] Initial { get; }

    /// <summary>Where the hidden state of the last recurrent layer lies; empty if no part is a hidden state.</summary>
    public Range Top { get; }

    static Range TopOf(IReadOnlyList<StatePart> parts)
    {
        var (offset, top) = (0, 0..0);
        foreach (var part in parts)
        {
            top = part.Kind == StateKind.Hidden ? offset..(offset + part.Size) : top;
            offset += part.Size;
        }

        return top;
    }
}
