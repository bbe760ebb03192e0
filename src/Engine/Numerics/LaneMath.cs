using System.Runtime.CompilerServices;

namespace Rnn.Engine.Numerics;

/// <summary>
/// exp, sigmoid and tanh of float32, accurate to a few units in the last place. The same operations on every machine, so
/// the same bits. Polynomials: Cephes (Moshier), expf and tanhf.
/// </summary>
static class LaneMath
{
    /// <summary>e^x for x from -87 to 88, and the value at the nearer end beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Min(T.Max(x, T.Of(-87f)), T.Of(88f));
        var n = T.Round(x * T.Of(1.44269504f));                          // x = n ln 2 + r
        var r = T.FusedMultiplyAdd(n, T.Of(-0.693359375f), x);           // ln 2 in two parts, the first exact in a product
        r = T.FusedMultiplyAdd(n, T.Of(2.12194440e-4f), r);

        var p = T.Of(1.9875691500e-4f);
        p = T.FusedMultiplyAdd(p, r, T.Of(1.3981999507e-3f));
        p = T.FusedMultiplyAdd(p, r, T.Of(8.3334519073e-3f));
        p = T.FusedMultiplyAdd(p, r, T.Of(4.1665795894e-2f));
        p = T.FusedMultiplyAdd(p, r, T.Of(1.6666665459e-1f));
        p = T.FusedMultiplyAdd(p, r, T.Of(5.0000001201e-1f));
        p = T.FusedMultiplyAdd(p, r * r, r) + T.Of(1f);
        return p * T.PowerOfTwo(n);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T x)
        where T : struct, ILanes<T> => T.Of(1f) / (T.Of(1f) + Exp(T.Of(0f) - x));

    /// <summary>1 - 2 / (1 + e^2x); near 0, where that cancels, x + x^3 P(x^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh<T>(T x)
        where T : struct, ILanes<T>
    {
        var large = T.Of(1f) - T.Of(2f) / (T.Of(1f) + Exp(x + x));

        var square = x * x;
        var p = T.Of(-5.70498872745e-3f);
        p = T.FusedMultiplyAdd(p, square, T.Of(2.06390887954e-2f));
        p = T.FusedMultiplyAdd(p, square, T.Of(-5.37397155531e-2f));
        p = T.FusedMultiplyAdd(p, square, T.Of(1.33314422036e-1f));
        p = T.FusedMultiplyAdd(p, square, T.Of(-3.33332819422e-1f));
        var small = T.FusedMultiplyAdd(p * square, x, x);
        return T.WhereBelow(x, T.Of(0.625f), small, large);
    }
}
