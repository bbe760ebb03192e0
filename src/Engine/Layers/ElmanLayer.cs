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
public sealed class ElmanLayer(string name, PackedMatrix wIh, PackedMatrix wHh, float[] bias, Activation activation)
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
            if (activation == Activation.Relu)
            {
                CellKernel.Apply<ReluCell>(sums, [], h.Slice(row * width, width), []);
            }
            else
            {
                CellKernel.Apply<TanhCell>(sums, [], h.Slice(row * width, width), []);
            }
        }

        return h;
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
