using System.Runtime.CompilerServices;

namespace Rnn.Engine.Numerics;

/// <summary>
/// exp, sigmoid and tanh of float32, accurate to a few units in the last place. The same operations on every machine, so
/// the same bits. Polynomial: Cephes (Moshier), expf.
/// </summary>
static class LaneMath
{
    // tanh is 1 in float32 from 9.01 on; not to go further keeps products of denominators finite.
    const float TanhEnd = 10f;

    /// <summary>e^x for x from -87 to 88, and the value at the nearer end beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Min(T.Of(88f), T.Max(T.Of(-87f), x));                      // in this order a NaN stays one
        Reduce(x, out var power, out var rest);
        return T.FusedMultiplyAdd(rest, power, power);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T x)
        where T : struct, ILanes<T> => T.Of(1f) / (T.Of(1f) + Exp(T.Of(0f) - x));

    /// <summary>m / (m + 2) with m = e^2x - 1, which does not cancel near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh<T>(T x)
        where T : struct, ILanes<T>
    {
        var m = DoubledExpMinusOne(x);
        return m / (m + T.Of(2f));
    }

    /// <summary>sigmoid(x) tanh(y), as one division: it is what a cell costs most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T SigmoidTanh<T>(T x, T y)
        where T : struct, ILanes<T>
    {
        var m = DoubledExpMinusOne(y);
        return m / ((T.Of(1f) + Exp(T.Of(0f) - x)) * (m + T.Of(2f)));
    }

    /// <summary>e^2x - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T DoubledExpMinusOne<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Min(T.Of(TanhEnd), T.Max(T.Of(-TanhEnd), x));
        Reduce(x + x, out var power, out var rest);
        return T.FusedMultiplyAdd(rest, power, power - T.Of(1f));
    }

    /// <summary>e^x = power * (1 + rest) with power = 2^n and x = n ln 2 + r, so that |r| is at most ln 2 / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Reduce<T>(T x, out T power, out T rest)
        where T : struct, ILanes<T>
    {
        var n = T.Round(x * T.Of(1.44269504f));
        var r = T.FusedMultiplyAdd(n, T.Of(-0.693359375f), x);           // ln 2 in two parts, the first exact in a product
        r = T.FusedMultiplyAdd(n, T.Of(2.12194440e-4f), r);

        var p = T.Of(1.9875691500e-4f);
        p = T.FusedMultiplyAdd(p, r, T.Of(1.3981999507e-3f));
        p = T.FusedMultiplyAdd(p, r, T.Of(8.3334519073e-3f));
        p = T.FusedMultiplyAdd(p, r, T.Of(4.1665795894e-2f));
        p = T.FusedMultiplyAdd(p, r, T.Of(1.6666665459e-1f));
        p = T.FusedMultiplyAdd(p, r, T.Of(5.0000001201e-1f));
        rest = T.FusedMultiplyAdd(p, r * r, r);
        power = T.PowerOfTwo(n);
    }
}
