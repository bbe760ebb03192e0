namespace Rnn.Engine.Layers;

/// <summary>
/// A stack of layers, split where reading can wait: the <em>body</em> ends with the last recurrent layer and must run at
/// every timestep; the <em>head</em> is what follows, depends on the top hidden state alone, and runs only where an
/// output is read.
/// </summary>
public sealed class Network
{
    readonly Embedding? _embedding;
    readonly Layer[] _body;
    readonly Layer[] _head;
    readonly int _topOffset;

    /// <param name="embedding">What turns tokens into vectors; null if the inputs are vectors.</param>
    /// <param name="layers">The layers in order, at least one of them recurrent; each output is the next one's input.</param>
    public Network(Embedding? embedding, IReadOnlyList<Layer> layers)
    {
        var bodyLength = layers.Index().Last(item => item.Item.StateParts.Count > 0).Index + 1;
        _embedding = embedding;
        _body = [.. layers.Take(bodyLength)];
        _head = [.. layers.Skip(bodyLength)];
        StateParts = [.. layers.SelectMany(layer => layer.StateParts)];
        _topOffset = StateParts.SkipLast(_body[^1].StateParts.Count).Sum(part => part.Size);
        InputSize = layers[0].InputSize;
        OutputSize = layers[^1].OutputSize;
        StateSize = StateParts.Sum(part => part.Size);
        ScratchSize = (embedding?.Size ?? 0) + layers.Sum(layer => layer.ScratchSize);
    }

    /// <summary>I, the width of an input vector: the embedding's if the inputs are tokens.</summary>
    public int InputSize { get; }

    /// <summary>O, the width of an output.</summary>
    public int OutputSize { get; }

    /// <summary>The floats of one state.</summary>
    public int StateSize { get; }

    /// <summary>The floats of scratch that one row of a batch needs.</summary>
    public int ScratchSize { get; }

    /// <summary>What all layers keep between timesteps.</summary>
    public IReadOnlyList<StatePart> StateParts { get; }

    /// <summary>Whether the inputs are tokens.</summary>
    public bool TakesTokens => _embedding is not null;

    /// <summary>Advances every row of the batch by one timestep.</summary>
    /// <param name="batch">B, the number of rows.</param>
    /// <param name="input">One token or one vector for each row.</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order, as [B, size]; advanced in place.</param>
    /// <param name="scratch">At least B * <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    public void Advance(int batch, StepInput input, Span<float> state, Span<float> scratch)
    {
        ReadOnlySpan<float> x;
        if (_embedding is null)
        {
            x = input.Vectors;
        }
        else
        {
            var rows = Take(ref scratch, batch * _embedding.Size);
            _embedding.Look(input.Tokens, rows);
            x = rows;
        }

        foreach (var layer in _body)
        {
            x = layer.Step(batch, x, Take(ref state, batch * Size(layer.StateParts)), Take(ref scratch, batch * layer.ScratchSize));
        }
    }

    /// <summary>Reads the output that belongs to the present state: head(h of the top recurrent layer).</summary>
    /// <param name="batch">B, the number of rows.</param>
    /// <param name="state">As in <see cref="Advance"/>; not changed.</param>
    /// <param name="scratch">As in <see cref="Advance"/>.</param>
    /// <returns>[B, O]; it lies in <paramref name="state"/> or <paramref name="scratch"/>.</returns>
    public ReadOnlySpan<float> Read(int batch, ReadOnlySpan<float> state, Span<float> scratch)
    {
        var x = state.Slice(batch * _topOffset, batch * _body[^1].OutputSize);
        foreach (var layer in _head)
        {
            x = layer.Step(batch, x, [], Take(ref scratch, batch * layer.ScratchSize));
        }

        return x;
    }

    static int Size(IReadOnlyList<StatePart> parts)
    {
        var size = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            size += parts[i].Size;
        }

        return size;
    }

    static Span<float> Take(scoped ref Span<float> span, int length)
    {
        var taken = span[..length];
        span = span[length..];
        return taken;
    }
}
