using System.Diagnostics;

namespace Rnn.Bench.Peers;

/// <summary>Times several ways to do the same work, in turn in one process.</summary>
static class Timing
{
    const int Samples = 61;
    const double SampleMilliseconds = 3;
    const double WarmUpMilliseconds = 300;

    /// <summary>The median of each, in microseconds a call.</summary>
    public static double[] Medians(params Action[] ways)
    {
        var times = Array.ConvertAll(ways, _ => new double[Samples]);
        var repeats = Array.ConvertAll(ways, Repeats);
        for (var sample = 0; sample < Samples; sample++)
        {
            for (var way = 0; way < ways.Length; way++)
            {
                ways[way]();                               // untimed: the one before has put its own weights into the caches
                times[way][sample] = Time(ways[way], repeats[way]);
            }
        }

        return Array.ConvertAll(times, own => own.Order().ElementAt(Samples / 2));
    }

    /// <summary>Warms up; then as many calls to a sample as take long enough for the clock.</summary>
    static int Repeats(Action way)
    {
        var start = Stopwatch.GetTimestamp();
        var calls = 0;
        for (; Stopwatch.GetElapsedTime(start).TotalMilliseconds < WarmUpMilliseconds; calls++)
        {
            way();
        }

        return Math.Max(1, (int)(calls * SampleMilliseconds / WarmUpMilliseconds));
    }

    static double Time(Action way, int repeats)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repeats; i++)
        {
            way();
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats;
    }
}
