using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>A dense layer: y = f(W x + b), applied at every timestep alone.</summary>
/// <param name="weights">W [O, I].</param>
/// <param name="bias">b [O], or empty for none.</param>
/// <param name="activation">f.</param>
public sealed class DenseLayer(Matrix weights, float[] bias, Activation activation) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => weights.Columns;

    /// <inheritdoc/>
    public override int OutputSize => weights.Rows;

    /// <inheritdoc/>
    public override int ScratchSize => OutputSize;

    /// <inheritdoc/>
    public override long ParameterCount => (long)InputSize * OutputSize + bias.Length;

    /// <summary>f.</summary>
    public Activation Activation => activation;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(int batch, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var y = scratch[..(batch * OutputSize)];
        Gemm.Multiply(batch, x, weights, bias, y);
        for (var row = 0; row < batch; row++)
        {
            activation.Apply(y.Slice(row * OutputSize, OutputSize));
        }

        return y;
    }
}
