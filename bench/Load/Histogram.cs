using System.Diagnostics;
using System.Numerics;

namespace Rnn.Bench.Load;

/// <summary>
/// Counts durations in buckets that are at most 1/64 of their duration wide, so that a percentile is within 1 %. Durations
/// are differences of <see cref="Stopwatch"/> timestamps.
/// </summary>
sealed class Histogram
{
    const int Bits = 6;
    const int PerOctave = 1 << Bits;

    readonly int[] _counts = new int[(64 - Bits) * PerOctave];
    long _max;

    public long Count { get; private set; }

    /// <summary>The longest, in milliseconds.</summary>
    public double Max => Milliseconds(_max);

    public static Histogram Merge(IEnumerable<Histogram> parts)
    {
        var whole = new Histogram();
        foreach (var part in parts)
        {
            whole.Count += part.Count;
            whole._max = Math.Max(whole._max, part._max);
            for (var i = 0; i < whole._counts.Length; i++)
            {
                whole._counts[i] += part._counts[i];
            }
        }

        return whole;
    }

    public void Record(long duration)
    {
        _counts[Bucket(duration)]++;
        _max = Math.Max(_max, duration);
        Count++;
    }

    /// <returns>Milliseconds within which <paramref name="share"/> of the durations lie; NaN if there are none.</returns>
    public double Percentile(double share)
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        var left = (long)Math.Ceiling(share * Count);
        var bucket = -1;
        while (left > 0)
        {
            left -= _counts[++bucket];
        }

        return Milliseconds(Middle(bucket));
    }

    static double Milliseconds(double duration) => duration * 1000 / Stopwatch.Frequency;

    // The leading bit and the six that follow it.
    static int Bucket(long duration)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)duration) - Bits);
        return shift * PerOctave + (int)(duration >> shift);
    }

    static double Middle(int bucket)
    {
        var shift = Math.Max(0, bucket / PerOctave - 1);
        return Math.ScaleB(bucket - shift * PerOctave + 0.5, shift);
    }
}
