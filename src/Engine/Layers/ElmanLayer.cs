using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Layers;

/// <summary>
/// A simple recurrent layer (Elman 1990).
/// <code>
/// h' = f(clip(W_ih x + W_hh h + b))    hidden state [B, H]
/// </code>
/// </summary>
/// <param name="name">The layer's name in its model.</param>
/// <param name="wIh">W_ih [H, I].</param>
/// <param name="wHh">W_hh [H, H].</param>
/// <param name="bias">b [H]: the sum of the input and the recurrent bias; empty for none.</param>
/// <param name="activation">f; tanh and relu are the fast ones.</param>
/// <param name="limit">The largest absolute value that goes into f; 0 for no limit.</param>
public sealed class ElmanLayer(string name, PackedMatrix wIh, PackedMatrix wHh, float[] bias, Activation activation, float limit = 0)
    : RecurrentLayer(wIh, bias)
{
    /// <inheritdoc/>
    public override int OutputSize => wHh.Units;

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts { get; } = [new(name, StateKind.Hidden, wHh.Units)];

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Advance(int batch, Span<float> z, Span<float> state, Span<float> scratch)
    {
        var width = OutputSize;
        var h = state[..(batch * width)];
        wHh.MultiplyAdd(batch, h, z);                     // W_ih x + b + W_hh h
        for (var row = 0; row < batch; row++)
        {
            var sums = z.Slice(row * ProjectedSize, ProjectedSize);
            if (limit > 0)
            {
                TensorPrimitives.Clamp(sums, -limit, limit, sums);
            }

            Apply(sums, h.Slice(row * width, width));
        }

        return h;
    }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    public override (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state)
    {
        var (sums, _) = AdvanceAlone(x, state);            // clipped: at the limit nothing changes any more
        float[] y = [.. state];
        return (y, Back);

        float[] Back(ReadOnlySpan<float> dy, Span<float> dState)
        {
            float[] dSums = [.. dy];
            TensorPrimitives.Add(dSums, dState, dSums);
            ActivationGradient.Multiply(activation, sums, y, dSums);
            for (var unit = 0; unit < dSums.Length && limit > 0; unit++)
            {
                dSums[unit] = Math.Abs(sums[unit]) < limit ? dSums[unit] : 0;
            }

            dState.Clear();
            wHh.MultiplyTransposedAdd(wHh.Pack(dSums), dState);
            return BackToInput(dSums);
        }
    }

    void Apply(ReadOnlySpan<float> sums, Span<float> h)
    {
        switch (activation.Kind)
        {
            case ActivationKind.Tanh:
                CellKernel.Apply<TanhCell>(sums, [], h, []);
                break;
            case ActivationKind.Relu:
                CellKernel.Apply<ReluCell>(sums, [], h, []);
                break;
            default:
                sums[..h.Length].CopyTo(h);               // one gate: the packed order is the plain one
                activation.Apply(h);
                break;
        }
    }

    readonly struct TanhCell : ICell
    {
        public static int Gates => 1;

        public static unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
            where T : struct, ILanes<T> => LaneMath.Tanh(T.Load(gates)).Store(h);
    }

    readonly struct ReluCell : ICell
    {
        public static int Gates => 1;

        public static unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
            where T : struct, ILanes<T> => T.Max(T.Of(0f), T.Load(gates)).Store(h);
    }
}
