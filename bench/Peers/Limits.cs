using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <summary>Reading a set of this size again and again, as GB/s.</summary>
    public static double Bandwidth(int bytes)
    {
        var data = GC.AllocateArray<float>(bytes / sizeof(float), pinned: true);
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
    static float Read(float[] data)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        fixed (float* p = data)
        {
            for (var i = 0; i + 64 <= data.Length; i += 64)
            {
                a += Vector512.Load(p + i);
                b += Vector512.Load(p + i + 16);
                c += Vector512.Load(p + i + 32);
                d += Vector512.Load(p + i + 48);
            }
        }

        return Vector512.Sum(a + b + c + d);
    }
}
