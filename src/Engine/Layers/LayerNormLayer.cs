using System.Numerics.Tensors;

namespace Rnn.Engine.Layers;

/// <summary>
/// Layer normalisation (Ba, Kiros and Hinton 2016), over each vector.
/// <code>
/// y = (x - mean x) / sqrt(variance x + epsilon) * w + b     variance: mean of the squared differences
/// </code>
/// </summary>
/// <param name="weights">w [I].</param>
/// <param name="bias">b [I].</param>
/// <param name="epsilon">What keeps the root from 0.</param>
public sealed class LayerNormLayer(float[] weights, float[] bias, float epsilon) : PointwiseLayer
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
        var size = weights.Length;
        var normal = new float[size];                      // (x - mean x) / deviation
        TensorPrimitives.Subtract(x, TensorPrimitives.Sum(x) / size, normal);
        var deviation = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(normal) / size + epsilon);
        TensorPrimitives.Divide(normal, deviation, normal);
        return ([.. Apply(1, x, new float[ScratchSize])], Back);

        // dx = (d - mean d - normal mean(d normal)) / deviation, with d = w dy
        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            float[] dx = [.. dy];
            TensorPrimitives.Multiply(dx, weights, dx);
            var mean = TensorPrimitives.Sum<float>(dx) / size;
            var along = TensorPrimitives.Dot<float>(dx, normal) / size;
            for (var i = 0; i < size; i++)
            {
                dx[i] = (dx[i] - mean - normal[i] * along) / deviation;
            }

            return dx;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Apply(int rows, ReadOnlySpan<float> x, Span<float> scratch)
    {
        var size = weights.Length;
        for (var row = 0; row < rows; row++)
        {
            var y = scratch.Slice(row * size, size);
            var vector = x.Slice(row * size, size);
            TensorPrimitives.Subtract(vector, TensorPrimitives.Sum(vector) / size, y);
            var variance = TensorPrimitives.SumOfSquares<float>(y) / size;
            TensorPrimitives.Multiply(y, 1 / MathF.Sqrt(variance + epsilon), y);
            TensorPrimitives.MultiplyAdd(y, weights, bias, y);
        }

        return scratch[..(rows * size)];
    }
}
