namespace Rnn.Engine.Layers;

/// <summary>
/// A stack of layers, split where reading can wait: the <em>body</em> ends with the last layer that looks at other timesteps and
/// must run at every one; the <em>head</em> is what follows, depends on the body's output alone, and runs only where an output
/// is read.
/// </summary>
public sealed class Network
{
    readonly TokenTable? _tokens;
    readonly RecurrentLayer? _projected;
    readonly int _projectedStateSize;
    readonly SequentialLayer _body;
    readonly SequentialLayer _rest;
    readonly SequentialLayer _head;

    /// <param name="embedding">What turns tokens into vectors; null if the inputs are vectors.</param>
    /// <param name="layers">The layers in order, at least one of them recurrent; each output is the next one's input.</param>
    /// <param name="initialState">The state before the first timestep: each of the layers' parts in order; empty if it is zero.</param>
    public Network(Embedding? embedding, IReadOnlyList<Layer> layers, float[] initialState)
    {
        var bodyLength = layers.Index().Last(item => item.Item.StateParts.Count > 0 || !item.Item.IsCausal).Index + 1;
        _projected = embedding is null ? null : layers[0] as RecurrentLayer;
        _projectedStateSize = _projected?.StateParts.Sum(part => part.Size) ?? 0;
        _tokens = embedding is null ? null : new TokenTable(embedding, _projected);
        _body = new SequentialLayer(layers[0].InputSize, layers.Take(bodyLength));
        _rest = new SequentialLayer(layers[0].OutputSize, layers.Take(bodyLength).Skip(1));
        _head = new SequentialLayer(_body.OutputSize, layers.Skip(bodyLength));
        StateSize = StateParts.Sum(part => part.Size);
        ScratchSize = (embedding?.Size ?? 0) + _body.ScratchSize + _head.ScratchSize;
        InitialState = initialState;
    }

    /// <summary>O, the width of an output.</summary>
    public int OutputSize => _head.OutputSize;

    /// <summary>The width of the body's output, which the head reads.</summary>
    public int TopSize => _body.OutputSize;

    /// <summary>The floats of one state.</summary>
    public int StateSize { get; }

    /// <summary>The floats of scratch that one timestep of one sequence needs.</summary>
    public int ScratchSize { get; }

    /// <summary>What all layers keep between timesteps.</summary>
    public IReadOnlyList<StatePart> StateParts => _body.StateParts;

    /// <summary>The state before the first timestep; empty if it is zero.</summary>
    public float[] InitialState { get; }

    /// <summary>Whether an output depends on no later timestep, so that a state can stand for all that came before.</summary>
    public bool IsCausal => _body.IsCausal;

    /// <summary>How many outputs there are after T timesteps.</summary>
    public int Timesteps(int timesteps) => _body.Timesteps(timesteps);

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
    /// The body's outputs, [<see cref="Timesteps"/>, B, <see cref="TopSize"/>]; they lie in the input, in <paramref name="state"/>
    /// or in <paramref name="scratch"/>.
    /// </returns>
    public ReadOnlySpan<float> Run(int batch, int timesteps, StepInput input, Span<float> state, Span<float> scratch)
    {
        var rows = timesteps * batch;
        if (_tokens is null)
        {
            return _body.Run(batch, timesteps, input.Vectors, state, scratch);
        }

        if (_projected is null)
        {
            var x = scratch[..(rows * _body.InputSize)];
            _tokens.Look(input.Tokens, x);
            return _body.Run(batch, timesteps, x, state, scratch[x.Length..]);
        }

        var z = scratch[..(rows * _projected.ProjectedSize)];
        scratch = scratch[z.Length..];
        _tokens.Project(input.Tokens, z, scratch);
        var first = _projected.RunProjected(batch, timesteps, z, state[..(batch * _projectedStateSize)], scratch);
        return _rest.Run(batch, timesteps, first, state[(batch * _projectedStateSize)..], scratch[(rows * _projected.RunScratchSize)..]);
    }

    /// <summary>Advances one sequence by one timestep and records what the layers compute; the bits are those of <see cref="Run"/>.</summary>
    /// <param name="input">One token or vector.</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order; advanced in place.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    /// <param name="trace">What records.</param>
    /// <returns>The body's output, [<see cref="TopSize"/>].</returns>
    public ReadOnlySpan<float> Trace(StepInput input, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        if (_tokens is null)
        {
            return _body.Trace(input.Vectors, state, scratch, trace);
        }

        if (_projected is null)
        {
            var x = scratch[.._body.InputSize];
            _tokens.Look(input.Tokens, x);
            return _body.Trace(x, state, scratch[x.Length..], trace);
        }

        var z = scratch[.._projected.ProjectedSize];
        scratch = scratch[z.Length..];
        _tokens.Project(input.Tokens, z, scratch);
        var first = _projected.TraceProjected(z, state[.._projectedStateSize], scratch, trace);
        return _rest.Trace(first, state[_projectedStateSize..], scratch[_projected.RunScratchSize..], trace);
    }

    /// <summary>Whether a gradient can be followed back through all layers.</summary>
    public bool IsDifferentiable => _body.IsDifferentiable && _head.IsDifferentiable;

    /// <summary>The gradient of one of the last timestep's outputs with respect to each timestep's input, exactly, by back-propagation through time.</summary>
    /// <param name="inputs">T inputs [I]: the vectors of tokens, or the vectors that were given.</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order; advanced in place.</param>
    /// <param name="output">Which of the outputs, given all of them.</param>
    /// <returns>[T, I].</returns>
    public float[][] GradientOf(IReadOnlyList<float[]> inputs, Span<float> state, Func<float[], int> output)
    {
        var (backs, top) = (new Pullback[inputs.Count], Array.Empty<float>());
        for (var timestep = 0; timestep < inputs.Count; timestep++)
        {
            (top, backs[timestep]) = _body.Differentiate(inputs[timestep], state);
        }

        var (outputs, backFromHead) = _head.Differentiate(top, []);
        var one = new float[outputs.Length];
        one[output(outputs)] = 1;
        var d = backFromHead(one, []);
        var (dState, gradients) = (new float[state.Length], new float[inputs.Count][]);
        for (var timestep = inputs.Count - 1; timestep >= 0; timestep--)
        {
            gradients[timestep] = backs[timestep](d, dState);
            d = new float[top.Length];                     // an earlier timestep's output is not what is looked at
        }

        return gradients;
    }

    /// <summary>One input as the layers read it: a token's vector, or the vector that was given.</summary>
    public float[] VectorOf(StepInput input)
    {
        if (_tokens is null)
        {
            return [.. input.Vectors];
        }

        var x = new float[_body.InputSize];
        _tokens.Look(input.Tokens, x);
        return x;
    }

    /// <summary>The outputs that belong to outputs of the body.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="tops">[rows, <see cref="TopSize"/>].</param>
    /// <param name="scratch">At least rows * <see cref="ScratchSize"/> floats that <paramref name="tops"/> don't lie in.</param>
    /// <returns>[rows, O]; it lies in <paramref name="tops"/> or <paramref name="scratch"/>.</returns>
    public ReadOnlySpan<float> Read(int rows, ReadOnlySpan<float> tops, Span<float> scratch) => _head.Run(rows, 1, tops, [], scratch);

    /// <summary>The output of one sequence that belongs to its state.</summary>
    /// <param name="state">Each of <see cref="StateParts"/> in order.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> floats.</param>
    /// <returns>[O]; it lies in <paramref name="state"/> or <paramref name="scratch"/>.</returns>
    public ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> state, Span<float> scratch)
    {
        var top = _body.OutputAt(state, scratch);
        return _head.Run(1, 1, top, [], scratch[_body.ScratchSize..]);
    }
}
