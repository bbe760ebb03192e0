using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A simple recurrent layer (Elman 1990).
/// <code>
/// h' = f(W_ih x + W_hh h + b)    hidden state [B, H];  f is tanh or relu
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">W_ih [H, I].</param>
/// <param name="wHh">W_hh [H, H].</param>
/// <param name="bias">b [H]: the sum of the input and the recurrent bias; empty for none.</param>
/// <param name="activation">f.</param>
public sealed class ElmanLayer(string name, Matrix wIh, Matrix wHh, float[] bias, Activation activation) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => wIh.Columns;

    /// <inheritdoc/>
    public override int OutputSize => wHh.Columns;

    /// <inheritdoc/>
    public override int ScratchSize => OutputSize;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } = [new(name, StateKind.Hidden, wHh.Columns)];

    /// <inheritdoc/>
    public override long ParameterCount => OutputSize * ((long)InputSize + OutputSize) + 2 * bias.Length;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(int batch, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var h = state[..(batch * width)];
        var sums = scratch[..(batch * width)];

        Gemm.Multiply(batch, x, wIh, bias, sums);         // W_ih x + b
        Gemm.MultiplyAdd(batch, h, wHh, sums);            //   + W_hh h

        for (var row = 0; row < batch; row++)
        {
            activation.Apply(sums.Slice(row * width, width));
        }

        sums.CopyTo(h);
        return h;
    }
}
