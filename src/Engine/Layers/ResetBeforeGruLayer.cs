using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A gated recurrent unit whose reset gate stands before the recurrent product, as in the paper (Cho et al. 2014), in Keras
/// with <c>reset_after=False</c> and in ONNX with <c>linear_before_reset=0</c>. The rest is as in <see cref="GruLayer"/>.
/// <code>
/// n  = tanh(W_in x + b_in + W_hn (r * h) + b_hn)         candidate    [B, H]
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">[3H, I] of 3 gates: the rows of r, z, n one after the other.</param>
/// <param name="wHhGates">[3H, H], likewise; the rows of n are 0.</param>
/// <param name="wHhCandidate">[3H, H], likewise; the rows of r and z are 0, as this product waits for r.</param>
/// <param name="bias">[3H]: the sum of the input and the recurrent bias; empty for none.</param>
public sealed class ResetBeforeGruLayer(
    string name, PackedMatrix wIh, PackedMatrix wHhGates, PackedMatrix wHhCandidate, float[] bias) : RecurrentLayer(wIh, bias)
{
    /// <inheritdoc/>
    public override int OutputSize => wHhGates.Units;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } = [new(name, StateKind.Hidden, wHhGates.Units)];

    /// <inheritdoc/>
    public override int AdvanceScratchSize => OutputSize;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var h = state[..(batch * width)];
        var reset = scratch[..(batch * width)];

        wHhGates.MultiplyAdd(batch, h, z);                // + W_hr h, + W_hz h
        h.CopyTo(reset);
        Apply<Reset>(batch, z, reset);
        wHhCandidate.MultiplyAdd(batch, reset, z);        // + W_hn (r * h)
        Apply<Update>(batch, z, h);
        return h;
    }

    void Apply<TCell>(int batch, ReadOnlySpan<float> z, Span<float> h)
        where TCell : ICell
    {
        for (var row = 0; row < batch; row++)
        {
            CellKernel.Apply<TCell>(z.Slice(row * ProjectedSize, ProjectedSize), [], h.Slice(row * OutputSize, OutputSize), []);
        }
    }

    readonly struct Reset : ICell
    {
        public static int Gates => 3;

        public static unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
            where T : struct, ILanes<T> => (LaneMath.Sigmoid(T.Load(gates)) * T.Load(h)).Store(h);       // r * h
    }

    readonly struct Update : ICell
    {
        public static int Gates => 3;

        public static unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
            where T : struct, ILanes<T>
        {
            var z = LaneMath.Sigmoid(T.Load(gates + 16));
            var n = LaneMath.Tanh(T.Load(gates + 32));
            T.FusedMultiplyAdd(z, T.Load(h) - n, n).Store(h);            // (1 - z) * n + z * h = n + z * (h - n)
        }
    }
}
