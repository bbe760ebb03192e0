using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>A dense layer: y = f(W x + b), applied at every timestep alone.</summary>
/// <param name="weights">W [O, I].</param>
/// <param name="bias">b [O], or empty for none.</param>
/// <param name="activation">f.</param>
public sealed class DenseLayer(PackedMatrix weights, float[] bias, Activation activation) : PointwiseLayer
{
    readonly float[] _bias = weights.Pack(bias);

    /// <inheritdoc/>
    public override int InputSize => weights.Columns;

    /// <inheritdoc/>
    public override int OutputSize => weights.Rows;

    /// <inheritdoc/>
    public override int ScratchSize => weights.PackedSize;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        float[] packed = [.. _bias];
        weights.MultiplyAdd(1, x, packed);
        var sums = packed[..OutputSize];                   // one gate: the packed order is the plain one
        float[] y = [.. sums];
        activation.Apply(y);
        return (y, Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            var dz = new float[weights.PackedSize];
            dy.CopyTo(dz);
            ActivationGradient.Multiply(activation, sums, y, dz.AsSpan(0, y.Length));
            var dx = new float[InputSize];
            weights.MultiplyTransposedAdd(dz, dx);
            return dx;
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Apply(int rows, ReadOnlySpan<float> x, Span<float> scratch)
    {
        var padded = weights.PackedSize;
        for (var row = 0; row < rows; row++)
        {
            _bias.CopyTo(scratch[(row * padded)..]);
        }

        weights.MultiplyAdd(rows, x, scratch);           // W x + b, each row padded

        var y = scratch[..(rows * OutputSize)];
        for (var row = 0; row < rows; row++)
        {
            // Close the gaps from the first row on: a row never lands on one that is still to be moved.
            var output = y.Slice(row * OutputSize, OutputSize);
            scratch.Slice(row * padded, OutputSize).CopyTo(output);
            activation.Apply(output);
        }

        return y;
    }
}
