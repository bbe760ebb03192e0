using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A gated recurrent unit (Cho et al. 2014). The two variants in use differ in where the reset gate stands, and give
/// different numbers with the same weights.
/// <code>
/// r  = sigmoid(W_ir x + W_hr h + b_ir + b_hr)            reset gate   [B, H]
/// z  = sigmoid(W_iz x + W_hz h + b_iz + b_hz)            update gate  [B, H]
/// n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))         candidate    [B, H]  reset after (PyTorch, cuDNN)
/// n  = tanh(W_in x + b_in + W_hn (r * h) + b_hn)         candidate    [B, H]  reset before (the paper)
/// h' = (1 - z) * n + z * h                               hidden state [B, H]
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">[3H, I], the rows of r, z, n one after the other (PyTorch's order).</param>
/// <param name="wHhGates">[2H, H], the recurrent rows of r, z.</param>
/// <param name="wHhCandidate">[H, H], the recurrent rows of n: a matrix of its own, as reset before multiplies it later.</param>
/// <param name="bIh">[3H], or empty for none.</param>
/// <param name="bHh">[3H], or empty for none; its part of n can't be added to <paramref name="bIh"/>, as r gates it.</param>
/// <param name="resetAfter">Whether r gates the product (true) or the hidden state before it (false).</param>
public sealed class GruLayer(
    string name, Matrix wIh, Matrix wHhGates, Matrix wHhCandidate, float[] bIh, float[] bHh, bool resetAfter) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => wIh.Columns;

    /// <inheritdoc/>
    public override int OutputSize => wHhCandidate.Columns;

    /// <inheritdoc/>
    public override int ScratchSize => 7 * OutputSize;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } = [new(name, StateKind.Hidden, wHhCandidate.Columns)];

    /// <inheritdoc/>
    public override long ParameterCount => 3L * OutputSize * (InputSize + OutputSize) + bIh.Length + bHh.Length;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(int batch, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var block = batch * width;
        var h = state[..block];
        var input = scratch[..(3 * block)];               // [B, 3H]: r z n, from x
        var gates = scratch.Slice(3 * block, 2 * block);  // [B, 2H]: r z, from h
        var hidden = scratch.Slice(5 * block, block);     // [B, H]: n, from h
        var reset = scratch.Slice(6 * block, block);      // [B, H]: r * h

        Gemm.Multiply(batch, x, wIh, bIh, input);
        Gemm.Multiply(batch, h, wHhGates, GateBias, gates);
        for (var row = 0; row < batch; row++)
        {
            Gate(input.Slice(row * 3 * width, 2 * width), gates.Slice(row * 2 * width, 2 * width));
        }

        if (!resetAfter)
        {
            for (var row = 0; row < batch; row++)
            {
                var r = gates.Slice(row * 2 * width, width);
                TensorPrimitives.Multiply(r, h.Slice(row * width, width), reset.Slice(row * width, width));
            }
        }

        Gemm.Multiply(batch, resetAfter ? h : reset, wHhCandidate, CandidateBias, hidden);
        for (var row = 0; row < batch; row++)
        {
            var r = gates.Slice(row * 2 * width, width);
            var z = gates.Slice(row * 2 * width + width, width);
            var candidate = hidden.Slice(row * width, width);
            if (resetAfter)
            {
                TensorPrimitives.Multiply(r, candidate, candidate);
            }

            TensorPrimitives.Add(input.Slice(row * 3 * width + 2 * width, width), candidate, candidate);
            TensorPrimitives.Tanh(candidate, candidate);
            Blend(z, candidate, h.Slice(row * width, width));
        }

        return h;
    }

    ReadOnlySpan<float> GateBias => bHh.AsSpan(0, bHh.Length / 3 * 2);

    ReadOnlySpan<float> CandidateBias => bHh.AsSpan(bHh.Length / 3 * 2);

    static void Gate(ReadOnlySpan<float> input, Span<float> gates)
    {
        TensorPrimitives.Add(input, gates, gates);
        TensorPrimitives.Sigmoid(gates, gates);
    }

    // h' = (1 - z) * n + z * h, written as n + z * (h - n)
    static void Blend(ReadOnlySpan<float> z, ReadOnlySpan<float> n, Span<float> h)
    {
        TensorPrimitives.Subtract(h, n, h);
        TensorPrimitives.MultiplyAdd(z, h, n, h);
    }
}
