using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A gated recurrent unit (Cho et al. 2014) whose reset gate stands after the recurrent product, as in PyTorch and cuDNN.
/// With the same weights it gives other numbers than one whose gate stands before it: <see cref="GruVariantLayer"/>.
/// <code>
/// r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)            reset gate   [B, H]
/// z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)            update gate  [B, H]
/// n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))         candidate    [B, H]
/// h' = (1 - z) * n + z * h                               hidden state [B, H]
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">[3H, I] of 3 gates: the rows of r, z, n one after the other (PyTorch's order).</param>
/// <param name="wHh">[3H, H], likewise.</param>
/// <param name="bIh">[3H], or empty for none.</param>
/// <param name="bHh">[3H], or empty for none; its part of n can't be added to <paramref name="bIh"/>, as r gates it.</param>
public sealed class GruLayer(string name, PackedMatrix wIh, PackedMatrix wHh, float[] bIh, float[] bHh) : RecurrentLayer(wIh, bIh)
{
    readonly float[] _bHh = wHh.Pack(bHh);

    /// <inheritdoc/>
    public override int OutputSize => wHh.Units;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } = [new(name, StateKind.Hidden, wHh.Units)];

    /// <inheritdoc/>
    public override int AdvanceScratchSize => wHh.PackedSize;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var h = state[..(batch * width)];
        var recurrent = scratch[..(batch * _bHh.Length)];
        for (var row = 0; row < batch; row++)
        {
            _bHh.CopyTo(recurrent[(row * _bHh.Length)..]);
        }

        wHh.MultiplyAdd(batch, h, recurrent);             // W_hh h + b_hh, of all gates
        for (var row = 0; row < batch; row++)
        {
            CellKernel.Apply<Cell>(
                z.Slice(row * ProjectedSize, ProjectedSize), recurrent.Slice(row * _bHh.Length, _bHh.Length), h.Slice(row * width, width), []);
        }

        return h;
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        var width = OutputSize;
        float[] h = [.. state];
        var (sums, scratch) = AdvanceAlone(x, state);
        var (r, z, n) = (Gate(sums, 0, 3, width), Gate(sums, 1, 3, width), Gate(sums, 2, 3, width));
        var recurrent = Gate(scratch, 2, 3, width);        // W_hn h + b_hn
        TensorPrimitives.Add(r, Gate(scratch, 0, 3, width), r);
        TensorPrimitives.Add(z, Gate(scratch, 1, 3, width), z);
        Sigmoid(r);
        Sigmoid(z);
        TensorPrimitives.MultiplyAdd(r, recurrent, n, n);
        Tanh(n);
        return ([.. state], Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            var (dOfInput, dOfState) = (new float[3 * width], new float[3 * width]);
            for (var unit = 0; unit < width; unit++)
            {
                var d = dy[unit] + dState[unit];
                var dCandidate = d * (1 - z[unit]) * (1 - n[unit] * n[unit]);
                dOfInput[unit] = dOfState[unit] = dCandidate * recurrent[unit] * r[unit] * (1 - r[unit]);
                dOfInput[width + unit] = dOfState[width + unit] = d * (h[unit] - n[unit]) * z[unit] * (1 - z[unit]);
                dOfInput[2 * width + unit] = dCandidate;
                dOfState[2 * width + unit] = dCandidate * r[unit];
                dState[unit] = d * z[unit];
            }

            wHh.MultiplyTransposedAdd(wHh.Pack(dOfState), dState);
            return BackToInput(dOfInput);
        }
    }

    private protected override void RecordGates(ReadOnlySpan<float> z, ReadOnlySpan<float> scratch, LayerTrace trace)
    {
        // The sums of r and z are those of both products; that of n is x's, and r gates the recurrent part.
        var recurrent = new float[OutputSize];
        var reset = new float[OutputSize];
        LayerTrace.Unpack(z, 0, 3, reset);
        LayerTrace.Unpack(scratch, 0, 3, recurrent);
        TensorPrimitives.Add(reset, recurrent, reset);
        Sigmoid(reset);
        trace.Add(name, TracePart.Reset, reset);
        if (trace.AddPacked(name, TracePart.Update, OutputSize, z, 1, 3) is { IsEmpty: false } update)
        {
            LayerTrace.Unpack(scratch, 1, 3, recurrent);
            TensorPrimitives.Add(update, recurrent, update);
            Sigmoid(update);
        }

        if (trace.AddPacked(name, TracePart.Candidate, OutputSize, z, 2, 3) is { IsEmpty: false } candidate)
        {
            LayerTrace.Unpack(scratch, 2, 3, recurrent);
            TensorPrimitives.MultiplyAdd(reset, recurrent, candidate, candidate);
            Tanh(candidate);
        }
    }

    readonly struct Cell : ICell
    {
        public static int Gates => 3;

        public static unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
            where T : struct, ILanes<T>
        {
            var r = LaneMath.Sigmoid(T.Load(gates) + T.Load(recurrent));
            var z = LaneMath.Sigmoid(T.Load(gates + 16) + T.Load(recurrent + 16));
            var n = LaneMath.Tanh(T.FusedMultiplyAdd(r, T.Load(recurrent + 32), T.Load(gates + 32)));
            T.FusedMultiplyAdd(z, T.Load(h) - n, n).Store(h);            // (1 - z) * n + z * h = n + z * (h - n)
        }
    }
}
