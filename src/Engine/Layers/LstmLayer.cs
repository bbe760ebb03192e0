using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// Long Short-Term Memory (Hochreiter and Schmidhuber 1997; forget gate: Gers, Schmidhuber and Cummins 2000).
/// <code>
/// i  = sigmoid(W_ii x + W_hi h + b_i)    input gate   [B, H]
/// f  = sigmoid(W_if x + W_hf h + b_f)    forget gate  [B, H]
/// g  = tanh   (W_ig x + W_hg h + b_g)    candidate    [B, H]
/// o  = sigmoid(W_io x + W_ho h + b_o)    output gate  [B, H]
/// c' = f * c + i * g                     cell state   [B, H]
/// h' = o * tanh(c')                      hidden state [B, H]
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">[4H, I], the rows of the gates i, f, g, o one after the other (PyTorch's order).</param>
/// <param name="wHh">[4H, H], likewise.</param>
/// <param name="bias">[4H]: the sum of the input and the recurrent bias; empty for none.</param>
public sealed class LstmLayer(string name, Matrix wIh, Matrix wHh, float[] bias) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => wIh.Columns;

    /// <inheritdoc/>
    public override int OutputSize => wHh.Columns;

    /// <inheritdoc/>
    public override int ScratchSize => 4 * OutputSize;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } =
        [new(name, StateKind.Hidden, wHh.Columns), new(name, StateKind.Cell, wHh.Columns)];

    /// <inheritdoc/>
    public override long ParameterCount => 4L * OutputSize * (InputSize + OutputSize) + 2 * bias.Length;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(int batch, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var h = state[..(batch * width)];
        var c = state.Slice(batch * width, batch * width);
        var gates = scratch[..(batch * 4 * width)];       // [B, 4H]: i f g o

        Gemm.Multiply(batch, x, wIh, bias, gates);        // W_ih x + b
        Gemm.MultiplyAdd(batch, h, wHh, gates);           //   + W_hh h

        for (var row = 0; row < batch; row++)
        {
            Gate(gates.Slice(row * 4 * width, 4 * width), h.Slice(row * width, width), c.Slice(row * width, width));
        }

        return h;
    }

    // One row at a time: see Activations.Apply.
    static void Gate(Span<float> gates, Span<float> h, Span<float> c)
    {
        var i = gates[..h.Length];
        var f = gates.Slice(h.Length, h.Length);
        var g = gates.Slice(2 * h.Length, h.Length);
        var o = gates.Slice(3 * h.Length, h.Length);

        TensorPrimitives.Sigmoid(i, i);
        TensorPrimitives.Sigmoid(f, f);
        TensorPrimitives.Tanh(g, g);
        TensorPrimitives.Sigmoid(o, o);

        TensorPrimitives.Multiply(f, c, c);               // c' = f * c
        TensorPrimitives.MultiplyAdd(i, g, c, c);         //    + i * g
        TensorPrimitives.Tanh(c, h);                      // h' = tanh(c')
        TensorPrimitives.Multiply(o, h, h);               //    * o
    }
}
