using System.Runtime.Intrinsics;

namespace Rnn.Engine.Numerics;

/// <summary>What a recurrent cell does to sixteen units when the products are done. A type parameter, so that the compiler makes one loop of it.</summary>
interface ICell
{
    /// <summary>G, how many gates of the same units lie side by side.</summary>
    static abstract int Gates { get; }

    /// <summary>Applies the cell to sixteen units.</summary>
    /// <param name="gates">The sums of the gates, [G, 16].</param>
    /// <param name="recurrent">The recurrent part of the sums if the cell needs it apart, [G, 16].</param>
    /// <param name="h">The hidden state, [16]; replaced.</param>
    /// <param name="c">The cell state if the cell has one, [16]; replaced.</param>
    static abstract unsafe void Apply<T>(float* gates, float* recurrent, float* h, float* c)
        where T : struct, ILanes<T>;
}

/// <summary>Applies a cell to all units of one row.</summary>
static unsafe class CellKernel
{
    const int Lanes = PackedMatrix.Lanes;

    /// <param name="gates">The sums in the order of a <see cref="PackedMatrix"/>.</param>
    /// <param name="recurrent">The recurrent part in the same order, or empty.</param>
    /// <param name="h">The hidden state, [H].</param>
    /// <param name="c">The cell state, [H], or empty.</param>
    public static void Apply<TCell>(ReadOnlySpan<float> gates, ReadOnlySpan<float> recurrent, Span<float> h, Span<float> c)
        where TCell : ICell
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Apply<TCell, Lanes512>(gates, recurrent, h, c);
        }
        else
        {
            Apply<TCell, Lanes256>(gates, recurrent, h, c);
        }
    }

    internal static void Apply<TCell, T>(ReadOnlySpan<float> gates, ReadOnlySpan<float> recurrent, Span<float> h, Span<float> c)
        where TCell : ICell
        where T : struct, ILanes<T>
    {
        var whole = h.Length / Lanes * Lanes;
        fixed (float* sums = gates, apart = recurrent, hidden = h, cell = c)
        {
            for (var unit = 0; unit < whole; unit += Lanes)
            {
                TCell.Apply<T>(sums + unit * TCell.Gates, apart + unit * TCell.Gates, hidden + unit, cell + unit);
            }

            if (whole < h.Length)
            {
                // The last units fill no vector; they are computed in one of their own, so that nothing beyond them is touched.
                var lastH = stackalloc float[Lanes];
                var lastC = stackalloc float[Lanes];
                h[whole..].CopyTo(new Span<float>(lastH, Lanes));
                c[Math.Min(whole, c.Length)..].CopyTo(new Span<float>(lastC, Lanes));
                TCell.Apply<T>(sums + whole * TCell.Gates, apart + whole * TCell.Gates, lastH, lastC);
                new Span<float>(lastH, h.Length - whole).CopyTo(h[whole..]);
                new Span<float>(lastC, Math.Max(0, c.Length - whole)).CopyTo(c[Math.Min(whole, c.Length)..]);
            }
        }
    }
}
