using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rnn.Bench.Peers;

/// <summary>What the machine can do at most on one core, measured beside everything else.</summary>
static unsafe class Limits
{
    /// <summary>Multiply-adds in registers, as GFLOP/s.</summary>
    public static double Flops()
    {
        const int Rounds = 200_000;
        return Median(() => Multiply(Rounds), Rounds * 24.0 * Vector512<float>.Count * 2) / 1e9;
    }

    /// <summary>Multiply-adds of bytes in registers with the 256-bit instruction, as GOP/s; NaN without it.</summary>
    public static double Int8Ops()
    {
        const int Rounds = 200_000;
        return AvxVnni.IsSupported ? Median(() => MultiplyBytes(Rounds), Rounds * 12.0 * Vector256<byte>.Count * 2) / 1e9 : double.NaN;
    }

    /// <summary>Reading a set of this size again and again, as GB/s.</summary>
    public static double Bandwidth(int bytes)
    {
        var data = GC.AllocateArray<float>(bytes / sizeof(float), pinned: true);
        Array.Fill(data, 1e-3f);                           // memory never written to is one page of zeros, again and again
        return Median(() => Read(data), bytes) / 1e9;
    }

    static double Median(Action action, double work)
    {
        var rates = new List<double>();
        var end = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 2;
        while (Stopwatch.GetTimestamp() < end)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            rates.Add(work / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        rates.Sort();
        return rates[rates.Count / 2];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float Multiply(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(1e-3f);
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var round = 0; round < 2 * rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static int MultiplyBytes(int rounds)
    {
        var (x, y) = (Vector256.Create((byte)3), Vector256.Create((sbyte)5));
        Vector256<int> a = default, b = default, c = default, d = default, e = default, f = default;
        Vector256<int> g = default, h = default, i = default, j = default, k = default, l = default;
        for (var round = 0; round < rounds; round++)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, x, y);
            b = AvxVnni.MultiplyWideningAndAdd(b, x, y);
            c = AvxVnni.MultiplyWideningAndAdd(c, x, y);
            d = AvxVnni.MultiplyWideningAndAdd(d, x, y);
            e = AvxVnni.MultiplyWideningAndAdd(e, x, y);
            f = AvxVnni.MultiplyWideningAndAdd(f, x, y);
            g = AvxVnni.MultiplyWideningAndAdd(g, x, y);
            h = AvxVnni.MultiplyWideningAndAdd(h, x, y);
            i = AvxVnni.MultiplyWideningAndAdd(i, x, y);
            j = AvxVnni.MultiplyWideningAndAdd(j, x, y);
            k = AvxVnni.MultiplyWideningAndAdd(k, x, y);
            l = AvxVnni.MultiplyWideningAndAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static float Read(float[] data)
    {
        Vector512<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        fixed (float* p = data)
        {
            for (var i = 0; i + 128 <= data.Length; i += 128)
            {
                a += Vector512.Load(p + i);
                b += Vector512.Load(p + i + 16);
                c += Vector512.Load(p + i + 32);
                d += Vector512.Load(p + i + 48);
                e += Vector512.Load(p + i + 64);
                f += Vector512.Load(p + i + 80);
                g += Vector512.Load(p + i + 96);
                h += Vector512.Load(p + i + 112);
            }
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }
}
