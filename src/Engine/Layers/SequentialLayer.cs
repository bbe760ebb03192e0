namespace Rnn.Engine.Layers;

/// <summary>Layers on each other: each output is the next one's input. Without a layer, what goes in comes out.</summary>
public sealed class SequentialLayer : Layer
{
    readonly Layer[] _layers;
    readonly int[] _stateSizes;
    readonly int _topLayer;
    readonly int _topOffset;

    /// <param name="inputSize">I, the width of the first layer's input.</param>
    /// <param name="layers">The layers in order.</param>
    public SequentialLayer(int inputSize, IEnumerable<Layer> layers)
    {
        _layers = [.. layers];
        _stateSizes = [.. _layers.Select(layer => layer.StateParts.Sum(part => part.Size))];
        _topLayer = Array.FindLastIndex(_layers, layer => layer.IsRecurrent);
        _topOffset = _stateSizes.Take(_topLayer).Sum();
        InputSize = inputSize;
        OutputSize = _layers is [.., var last] ? last.OutputSize : inputSize;
        ScratchSize = _layers.Sum(layer => layer.ScratchSize);
        StateParts = [.. _layers.SelectMany(layer => layer.StateParts)];
        IsCausal = Array.TrueForAll(_layers, layer => layer.IsCausal);
    }

    /// <inheritdoc/>
    public override int InputSize { get; }

    /// <inheritdoc/>
    public override int OutputSize { get; }

    /// <inheritdoc/>
    public override int ScratchSize { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; }

    /// <inheritdoc/>
    public override bool IsCausal { get; }

    /// <inheritdoc/>
    public override int Timesteps(int timesteps) => Array.Exists(_layers, layer => layer.Timesteps(timesteps) == 1) ? 1 : timesteps;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        for (var i = 0; i < _layers.Length; i++)
        {
            var layer = _layers[i];
            x = layer.Run(
                batch, timesteps, x, Take(ref state, batch * _stateSizes[i]), Take(ref scratch, timesteps * batch * layer.ScratchSize));
            timesteps = layer.Timesteps(timesteps);
        }

        return x;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Trace(ReadOnlySpan<float> x, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        for (var i = 0; i < _layers.Length; i++)
        {
            x = _layers[i].Trace(x, Take(ref state, _stateSizes[i]), Take(ref scratch, _layers[i].ScratchSize), trace);
        }

        return x;
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => Array.TrueForAll(_layers, layer => layer.IsDifferentiable);

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        float[] output = [.. x];
        var backs = new Pullback[_layers.Length];
        for (var i = 0; i < _layers.Length; i++)
        {
            (output, backs[i]) = _layers[i].Differentiate(output, Take(ref state, _stateSizes[i]));
        }

        return (output, Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            float[] d = [.. dy];
            for (var i = _layers.Length - 1; i >= 0; i--)
            {
                d = backs[i](d, dState[^_stateSizes[i]..]);
                dState = dState[..^_stateSizes[i]];
            }

            return d;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> state, Span<float> scratch)
    {
        var top = _layers[_topLayer];
        var y = top.OutputAt(state.Slice(_topOffset, _stateSizes[_topLayer]), Take(ref scratch, top.ScratchSize));
        state = state[(_topOffset + _stateSizes[_topLayer])..];
        for (var i = _topLayer + 1; i < _layers.Length; i++)
        {
            float[] kept = [.. state[.._stateSizes[i]]];       // an attention's: it reads it and changes nothing
            y = _layers[i].Run(1, 1, y, kept, Take(ref scratch, _layers[i].ScratchSize));
            state = state[kept.Length..];
        }

        return y;
    }
}
