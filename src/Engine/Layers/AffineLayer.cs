using System.Numerics.Tensors;

namespace Rnn.Engine.Layers;

/// <summary>
/// y = w * x + b, number by number. Batch normalisation (Ioffe and Szegedy 2015) is this when predicting, with
/// w = gamma / sqrt(variance + epsilon) and b = beta - mean * w.
/// </summary>
/// <param name="weights">w [I].</param>
/// <param name="bias">b [I].</param>
public sealed class AffineLayer(float[] weights, float[] bias) : PointwiseLayer
{
    /// <inheritdoc/>
    public override int InputSize => weights.Length;

    /// <inheritdoc/>
    public override int OutputSize => weights.Length;

    /// <inheritdoc/>
    public override int ScratchSize => weights.Length;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        return ([.. Apply(1, x, new float[ScratchSize])], Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            float[] dx = [.. dy];
            TensorPrimitives.Multiply(dx, weights, dx);
            return dx;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Apply(int rows, ReadOnlySpan<float> x, Span<float> scratch)
    {
        var size = weights.Length;
        for (var row = 0; row < rows; row++)
        {
            TensorPrimitives.MultiplyAdd(x.Slice(row * size, size), weights, bias, scratch.Slice(row * size, size));
        }

        return scratch[..(rows * size)];
    }
}
