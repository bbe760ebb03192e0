namespace Rnn.Engine.Layers;

/// <summary>
/// Layers that see each feature as it stands out from its own past, and whose outputs are put back on its scale: reversible
/// normalisation (Kim et al. 2022) with running moments, so that one model serves streams of any unit. Each timestep
/// <code>
/// n' = min(n + 1, window),  a = 1 / n'
/// m' = m + a (x - m),  v' = (1 - a) (v + a (x - m)^2)
/// d' = sqrt(v') + 1e-6 |m'| + 1e-9,  at the first timestep |m'| / 10 + 1e-9
/// z = asinh((x - m') / d'),  y = layers(z),  output_j = m'_k + d'_k sinh(y_j),  k = j div (O / I)
/// </code>
/// up to the window the moments are those of all timesteps, and beyond it older ones are forgotten exponentially.
/// </summary>
public sealed class RunningNormLayer : Layer
{
    const float Furthest = 40;

    readonly SequentialLayer _layers;
    readonly int _stateSize;
    readonly float _window;
    readonly int _outputsOfEach;

    /// <param name="name">The layer's name.</param>
    /// <param name="window">How many timesteps the moments are of, 2 or more.</param>
    /// <param name="layers">At least one of them recurrent; O is a multiple of I, as many outputs for each feature in turn.</param>
    public RunningNormLayer(string name, int window, SequentialLayer layers)
    {
        (_layers, _window) = (layers, window);
        _outputsOfEach = layers.OutputSize / layers.InputSize;
        _stateSize = layers.StateParts.Sum(part => part.Size);
        StateParts = [new(name, StateKind.Statistics, 1 + 2 * InputSize), .. layers.StateParts];
    }

    /// <inheritdoc/>
    public override int InputSize => _layers.InputSize;

    /// <inheritdoc/>
    public override int OutputSize => _layers.OutputSize;

    /// <inheritdoc/>
    public override int ScratchSize => 3 * InputSize + OutputSize + _layers.ScratchSize;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var (rows, width) = (timesteps * batch, InputSize);
        var moments = Take(ref state, batch * StateParts[0].Size);
        var z = Take(ref scratch, rows * width);
        var means = Take(ref scratch, rows * width);
        var deviations = Take(ref scratch, rows * width);
        var outputs = Take(ref scratch, rows * OutputSize);
        for (var row = 0; row < rows; row++)
        {
            var of = moments.Slice(row % batch * StateParts[0].Size, StateParts[0].Size);
            StandOut(x.Slice(row * width, width), of, means.Slice(row * width, width), deviations.Slice(row * width, width), z.Slice(row * width, width));
        }

        var y = _layers.Run(batch, timesteps, z, state[..(batch * _stateSize)], scratch);
        for (var row = 0; row < rows; row++)
        {
            PutBack(
                y.Slice(row * OutputSize, OutputSize), means.Slice(row * width, width), deviations.Slice(row * width, width), outputs[(row * OutputSize)..]);
        }

        return outputs;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Trace(ReadOnlySpan<float> x, Span<float> state, Span<float> scratch, LayerTrace trace)
    {
        var moments = Take(ref state, StateParts[0].Size);
        var z = Take(ref scratch, InputSize);
        var mean = Take(ref scratch, InputSize);
        var deviation = Take(ref scratch, InputSize);
        var output = Take(ref scratch, OutputSize);
        StandOut(x, moments, mean, deviation, z);
        PutBack(_layers.Trace(z, state, scratch, trace), mean, deviation, output);
        return output;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> state, Span<float> scratch)
    {
        var mean = Take(ref scratch, InputSize);
        var deviation = Take(ref scratch, InputSize);
        var output = Take(ref scratch, OutputSize);
        Read(state[..StateParts[0].Size], mean, deviation);
        PutBack(_layers.OutputAt(state[StateParts[0].Size..], scratch), mean, deviation, output);
        return output;
    }

    void StandOut(ReadOnlySpan<float> x, Span<float> moments, Span<float> mean, Span<float> deviation, Span<float> z)
    {
        Count(x, moments, _window);
        Read(moments, mean, deviation);
        for (var i = 0; i < x.Length; i++)
        {
            z[i] = MathF.Asinh((x[i] - mean[i]) / deviation[i]);
        }
    }

    /// <summary>Takes a timestep into the moments: n, then all m, then all v.</summary>
    static void Count(ReadOnlySpan<float> x, Span<float> moments, float window)
    {
        moments[0] = MathF.Min(MathF.Max(moments[0], 0) + 1, window);
        var weight = 1 / moments[0];
        for (var i = 0; i < x.Length; i++)
        {
            ref var mean = ref moments[1 + i];
            ref var variance = ref moments[1 + x.Length + i];
            var difference = (double)x[i] - mean;              // its square may be beyond float32
            mean += (float)(weight * difference);
            variance = (float)Math.Min((1 - weight) * (variance + weight * difference * difference), float.MaxValue);
        }
    }

    static void Read(ReadOnlySpan<float> moments, Span<float> means, Span<float> deviations)
    {
        for (var i = 0; i < means.Length; i++)
        {
            var (mean, variance) = (moments[1 + i], moments[1 + means.Length + i]);
            means[i] = mean;
            deviations[i] = moments[0] > 1
                ? MathF.Sqrt(MathF.Max(variance, 0)) + 1e-6f * MathF.Abs(mean) + 1e-9f
                : 0.1f * MathF.Abs(mean) + 1e-9f;
        }
    }

    void PutBack(ReadOnlySpan<float> y, ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation, Span<float> output)
    {
        for (var j = 0; j < y.Length; j++)
        {
            var feature = j / _outputsOfEach;
            output[j] = mean[feature] + deviation[feature] * MathF.Sinh(Math.Clamp(y[j], -Furthest, Furthest));
        }
    }
}
