using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// An LSTM with what other frameworks can vary: functions other than sigmoid and tanh, peepholes (Gers and Schmidhuber 2000), a
/// coupled forget gate, a clip, and a projection of the hidden state (Sak, Senior and Beaufays 2014).
/// <code>
/// i  = f(clip(W_ii x + W_hi h + b_i + p_i * c))           input gate     [B, H]
/// f  = f(clip(W_if x + W_hf h + b_f + p_f * c)), or 1 - i  forget gate    [B, H]
/// g  = g(clip(W_ig x + W_hg h + b_g))                      candidate      [B, H]
/// c' = f * c + i * g                                       cell state     [B, H]
/// o  = f(clip(W_io x + W_ho h + b_o + p_o * c'))           output gate    [B, H]
/// h' = W_hr (o * k(clip(c')))                              hidden state   [B, P]; without a projection W_hr is 1 and P is H
/// </code>
/// As in ONNX and PyTorch. <see cref="LstmLayer"/> is the same without any of it, and faster.
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">W_ih [4H, I] of one gate: the rows of i, f, g, o one after the other.</param>
/// <param name="wHh">W_hh [4H, P], likewise.</param>
/// <param name="bias">b [4H]: the sum of the input and the recurrent bias; empty for none.</param>
/// <param name="form">What is varied.</param>
public sealed class LstmVariantLayer(string name, PackedMatrix wIh, PackedMatrix wHh, float[] bias, LstmForm form)
    : RecurrentLayer(wIh, bias)
{
    readonly int _hidden = wHh.Rows / 4;

    /// <inheritdoc/>
    public override int OutputSize => wHh.Columns;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } =
        [new(name, StateKind.Hidden, wHh.Columns), new(name, StateKind.Cell, wHh.Rows / 4)];

    /// <inheritdoc/>
    public override int AdvanceScratchSize => 2 * _hidden + (form.Projection?.PackedSize ?? 0);

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch)
    {
        var h = state[..(batch * OutputSize)];
        var c = state.Slice(h.Length, batch * _hidden);
        var exposed = Take(ref scratch, batch * _hidden);
        var clipped = Take(ref scratch, _hidden);
        wHh.MultiplyAdd(batch, h, z);                     // W_ih x + b + W_hh h, of all gates
        for (var row = 0; row < batch; row++)
        {
            Gate(z.Slice(row * ProjectedSize, 4 * _hidden), c.Slice(row * _hidden, _hidden), exposed.Slice(row * _hidden, _hidden), clipped);
        }

        if (form.Projection is { } wHr)
        {
            var projected = Take(ref scratch, batch * wHr.PackedSize);
            projected.Clear();
            wHr.MultiplyAdd(batch, exposed, projected);
            for (var row = 0; row < batch; row++)
            {
                projected.Slice(row * wHr.PackedSize, OutputSize).CopyTo(h[(row * OutputSize)..]);
            }
        }
        else
        {
            exposed.CopyTo(h);
        }

        return h;
    }

    private protected override void RecordGates(ReadOnlySpan<float> z, ReadOnlySpan<float> scratch, LayerTrace trace)
    {
        trace.Add(name, TracePart.Input, z[.._hidden]);
        trace.Add(name, TracePart.Forget, z.Slice(_hidden, _hidden));
        trace.Add(name, TracePart.Candidate, z.Slice(2 * _hidden, _hidden));
        trace.Add(name, TracePart.Output, z.Slice(3 * _hidden, _hidden));
    }

    /// <summary>One row: the sums of its gates and c become c' and o * k(c').</summary>
    void Gate(Span<float> sums, Span<float> c, Span<float> exposed, Span<float> clipped)
    {
        var i = sums[.._hidden];
        var f = sums.Slice(_hidden, _hidden);
        var g = sums.Slice(2 * _hidden, _hidden);
        var o = sums[(3 * _hidden)..];

        Apply(form.RecurrentActivation, i, form.Peepholes[0], c);
        if (form.InputForget)
        {
            TensorPrimitives.Subtract(1f, i, f);
        }
        else
        {
            Apply(form.RecurrentActivation, f, form.Peepholes[1], c);
        }

        Apply(form.Activation, g, [], []);
        TensorPrimitives.Multiply(f, c, c);               // c' = f * c
        TensorPrimitives.MultiplyAdd(i, g, c, c);         //    + i * g

        Apply(form.RecurrentActivation, o, form.Peepholes[2], c);
        c.CopyTo(clipped);
        Apply(form.OutputActivation, clipped, [], []);
        TensorPrimitives.Multiply(o, clipped, exposed);   // o * k(c')
    }

    void Apply(Activation activation, Span<float> sums, float[] peephole, ReadOnlySpan<float> c)
    {
        if (peephole.Length > 0)
        {
            TensorPrimitives.MultiplyAdd(c, peephole, sums, sums);
        }

        form.Clip(sums);
        activation.Apply(sums);
    }
}
