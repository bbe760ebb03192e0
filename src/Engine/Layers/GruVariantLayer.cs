using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A GRU whose reset gate may stand before the recurrent product, as in the paper (Cho et al. 2014), in Keras with
/// <c>reset_after=False</c> and in ONNX with <c>linear_before_reset=0</c>; with other functions than sigmoid and tanh, or with a clip.
/// <code>
/// r  = f(clip(W_ir x + b_ir + W_hr h + b_hr))              reset gate   [B, H]
/// z  = f(clip(W_iz x + b_iz + W_hz h + b_hz))              update gate  [B, H]
/// n  = g(clip(W_in x + b_in + r * (W_hn h + b_hn)))        candidate    [B, H]; reset after the product
/// n  = g(clip(W_in x + b_in + W_hn (r * h) + b_hn))        candidate    [B, H]; reset before it
/// h' = (1 - z) * n + z * h                                 hidden state [B, H]
/// </code>
/// <see cref="GruLayer"/> is the same without any of it, and faster.
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">[3H, I] of one gate: the rows of r, z, n one after the other.</param>
/// <param name="wHhGates">[2H, H] of one gate: r, z.</param>
/// <param name="wHhCandidate">[H, H]: n.</param>
/// <param name="bIh">[3H], or empty for none.</param>
/// <param name="bHh">[3H], or empty for none.</param>
/// <param name="form">What is varied.</param>
public sealed class GruVariantLayer(
    string name, PackedMatrix wIh, PackedMatrix wHhGates, PackedMatrix wHhCandidate, float[] bIh, float[] bHh, GruForm form)
    : RecurrentLayer(wIh, bIh)
{
    readonly int _hidden = wHhCandidate.Rows;
    readonly float[] _gateBias = wHhGates.Pack(bHh.AsSpan(0, Math.Min(bHh.Length, 2 * wHhCandidate.Rows)));
    readonly float[] _candidateBias = wHhCandidate.Pack(bHh.AsSpan(Math.Min(bHh.Length, 2 * wHhCandidate.Rows)));

    /// <inheritdoc/>
    public override int OutputSize => _hidden;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } = [new(name, StateKind.Hidden, wHhCandidate.Rows)];

    /// <inheritdoc/>
    public override int AdvanceScratchSize => wHhGates.PackedSize + wHhCandidate.PackedSize + _hidden;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch)
    {
        var h = state[..(batch * _hidden)];
        var gates = Product(batch, wHhGates, _gateBias, h, ref scratch);
        for (var row = 0; row < batch; row++)
        {
            var sums = z.Slice(row * ProjectedSize, 2 * _hidden);
            TensorPrimitives.Add(sums, gates.Slice(row * wHhGates.PackedSize, sums.Length), sums);
            form.Clip(sums);
            form.RecurrentActivation.Apply(sums[.._hidden]);
            form.RecurrentActivation.Apply(sums[_hidden..]);
        }

        var reset = Take(ref scratch, batch * _hidden);
        Reset(batch, z, h, reset);
        var candidates = Product(batch, wHhCandidate, _candidateBias, form.ResetAfter ? h : reset, ref scratch);
        for (var row = 0; row < batch; row++)
        {
            Update(
                z.Slice(row * ProjectedSize, 3 * _hidden),
                candidates.Slice(row * wHhCandidate.PackedSize, _hidden),
                h.Slice(row * _hidden, _hidden));
        }

        return h;
    }

    private protected override void RecordGates(ReadOnlySpan<float> z, ReadOnlySpan<float> scratch, LayerTrace trace)
    {
        trace.Add(name, TracePart.Reset, z[.._hidden]);
        trace.Add(name, TracePart.Update, z.Slice(_hidden, _hidden));
        trace.Add(name, TracePart.Candidate, z.Slice(2 * _hidden, _hidden));
    }

    static Span<float> Product(int batch, PackedMatrix weights, float[] bias, scoped ReadOnlySpan<float> h, scoped ref Span<float> scratch)
    {
        var sums = Take(ref scratch, batch * weights.PackedSize);
        for (var row = 0; row < batch; row++)
        {
            bias.CopyTo(sums[(row * bias.Length)..]);
        }

        weights.MultiplyAdd(batch, h, sums);
        return sums;
    }

    /// <summary>r * h, which the product of the other order takes.</summary>
    void Reset(int batch, ReadOnlySpan<float> z, ReadOnlySpan<float> h, Span<float> reset)
    {
        for (var row = 0; row < batch && !form.ResetAfter; row++)
        {
            TensorPrimitives.Multiply(z.Slice(row * ProjectedSize, _hidden), h.Slice(row * _hidden, _hidden), reset.Slice(row * _hidden, _hidden));
        }
    }

    void Update(Span<float> row, ReadOnlySpan<float> candidate, Span<float> h)
    {
        var r = row[.._hidden];
        var z = row.Slice(_hidden, _hidden);
        var n = row[(2 * _hidden)..];
        if (form.ResetAfter)
        {
            TensorPrimitives.MultiplyAdd(r, candidate, n, n);
        }
        else
        {
            TensorPrimitives.Add(n, candidate, n);
        }

        form.Clip(n);
        form.Activation.Apply(n);
        TensorPrimitives.Subtract(h, n, h);               // (1 - z) * n + z * h = n + z * (h - n)
        TensorPrimitives.MultiplyAdd(z, h, n, h);
    }
}
