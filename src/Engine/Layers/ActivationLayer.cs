using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>y = f(x): a function of every number, or of every vector as a whole such as softmax.</summary>
/// <param name="size">I and O.</param>
/// <param name="activation">f.</param>
public sealed class ActivationLayer(int size, Activation activation) : PointwiseLayer
{
    /// <inheritdoc/>
    public override int InputSize => size;

    /// <inheritdoc/>
    public override int OutputSize => size;

    /// <inheritdoc/>
    public override int ScratchSize => size;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        float[] input = [.. x];
        float[] y = [.. x];
        activation.Apply(y);
        return (y, Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            float[] dx = [.. dy];
            ActivationGradient.Multiply(activation, input, y, dx);
            return dx;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Apply(int rows, ReadOnlySpan<float> x, Span<float> scratch)
    {
        var y = scratch[..(rows * size)];
        x[..y.Length].CopyTo(y);
        for (var row = 0; row < rows; row++)
        {
            activation.Apply(y.Slice(row * size, size));
        }

        return y;
    }
}
