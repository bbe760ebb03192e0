namespace Rnn.Engine.Layers;

/// <summary>
/// A stack of layers, split where reading can wait: the <em>body</em> ends with the last recurrent layer and must run at
/// every timestep; the <em>head</em> is what follows, depends on the top hidden state alone, and runs only where an
/// output is read.
/// </summary>
public sealed class Network
{
    readonly TokenTable? _tokens;
    readonly Layer[] _body;
    readonly DenseLayer[] _head;
    readonly int _topOffset;

    /// <param name="embedding">What turns tokens into vectors; null if the inputs are vectors.</param>
    /// <param name="layers">The layers in order, at least one of them recurrent; each output is the next one's input.</param>
    public Network(Embedding? embedding, IReadOnlyList<Layer> layers)
    {
        var bodyLength = layers.Index().Last(item => item.Item.StateParts.Count > 0).Index + 1;
        _tokens = embedding is null ? null : new TokenTable(embedding, layers[0] as RecurrentLayer);
        _body = [.. layers.Take(bodyLength)];
        _head = [.. layers.Skip(bodyLength).Cast<DenseLayer>()];
        StateParts = [.. layers.SelectMany(layer => layer.StateParts)];
        _topOffset = StateParts.SkipLast(_body[^1].StateParts.Count).Sum(part => part.Size);
        OutputSize = layers[^1].OutputSize;
        StateSize = StateParts.Sum(part => part.Size);
        ScratchSize = (embedding?.Size ?? 0) + layers.Sum(layer => layer.ScratchSize + layer.OutputSize);
    }

    /// <summary>O, the width of an output.</summary>
    public int OutputSize { get; }

    /// <summary>The width of the top hidden state, which the head reads.</summary>
    public int TopSize => _body[^1].OutputSize;

    /// <summary>The floats of one state.</summary>
    public int StateSize { get; }

    /// <summary>The floats of scratch that one timestep of one sequence needs.</summary>
    public int ScratchSize { get; }

    /// <summary>What all layers keep between timesteps.</summary>
    public IReadOnlyList<StatePart> StateParts { get; }

    /// <summary>
    /// Advances every sequence of a batch by T timesteps whose inputs are all known: layer by layer, so that the projections
    /// of the inputs are one product. The bits are those of T steps of each sequence alone.
    /// </summary>
    /// <param name="batch">B, the number of sequences.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="input">T * B tokens or vectors: those of the first timestep, of the second, and so on.</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order, as [B, size]; advanced in place.</param>
    /// <param name="scratch">At least T * B * <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    /// <returns>
    /// The top hidden states after every timestep, [T, B, <see cref="TopSize"/>]; they lie in <paramref name="state"/> or
    /// <paramref name="scratch"/>.
    /// </returns>
    public ReadOnlySpan<float> Run(int batch, int timesteps, StepInput input, Span<float> state, Span<float> scratch)
    {
        var rows = timesteps * batch;
        var x = Vectors(rows, input, ref scratch);
        for (var i = 0; i < _body.Length; i++)
        {
            if (_body[i] is DenseLayer dense)
            {
                x = dense.Apply(rows, x, Take(ref scratch, rows * dense.ScratchSize));
                continue;
            }

            var layer = (RecurrentLayer)_body[i];
            var z = Take(ref scratch, rows * layer.ProjectedSize);
            if (i == 0 && _tokens is not null)
            {
                _tokens.Project(input.Tokens, z, scratch);
            }
            else
            {
                layer.Project(rows, x, z);
            }

            x = Advance(layer, batch, timesteps, z, Take(ref state, batch * Size(layer.StateParts)), ref scratch);
        }

        return x;
    }

    /// <summary>The top hidden state of one sequence.</summary>
    public ReadOnlySpan<float> Top(ReadOnlySpan<float> state) => state.Slice(_topOffset, TopSize);

    /// <summary>The outputs that belong to top hidden states.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="tops">[rows, <see cref="TopSize"/>].</param>
    /// <param name="scratch">At least rows * <see cref="ScratchSize"/> floats that <paramref name="tops"/> don't lie in.</param>
    /// <returns>[rows, O]; it lies in <paramref name="tops"/> or <paramref name="scratch"/>.</returns>
    public ReadOnlySpan<float> Read(int rows, ReadOnlySpan<float> tops, Span<float> scratch)
    {
        foreach (var layer in _head)
        {
            tops = layer.Apply(rows, tops, Take(ref scratch, rows * layer.ScratchSize));
        }

        return tops;
    }

    /// <summary>The first layer's inputs as vectors; none if it is recurrent and takes tokens, which it projects itself.</summary>
    ReadOnlySpan<float> Vectors(int rows, StepInput input, scoped ref Span<float> scratch)
    {
        if (_tokens is null || _body[0] is RecurrentLayer)
        {
            return input.Vectors;
        }

        var x = Take(ref scratch, rows * _body[0].InputSize);
        _tokens.Look(input.Tokens, x);
        return x;
    }

    static ReadOnlySpan<float> Advance(
        RecurrentLayer layer, int batch, int timesteps, Span<float> z, Span<float> state, scoped ref Span<float> scratch)
    {
        var (projected, width) = (batch * layer.ProjectedSize, batch * layer.OutputSize);
        if (timesteps == 1)
        {
            return layer.Advance(batch, z, state, Take(ref scratch, batch * layer.AdvanceScratchSize));
        }

        var outputs = Take(ref scratch, timesteps * width);
        for (var t = 0; t < timesteps; t++)
        {
            layer.Advance(batch, z.Slice(t * projected, projected), state, scratch).CopyTo(outputs[(t * width)..]);
        }

        return outputs;
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
