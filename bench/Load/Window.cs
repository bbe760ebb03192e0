using System.Diagnostics;

namespace Rnn.Bench.Load;

/// <summary>The measured time, after a warm-up that begins now. Times are <see cref="Stopwatch"/> timestamps.</summary>
sealed class Window
{
    readonly long _from;
    readonly long _to;

    public Window(TimeSpan warmUp, TimeSpan measured)
    {
        _from = Stopwatch.GetTimestamp() + Timestamps(warmUp);
        _to = _from + Timestamps(measured);
    }

    public bool Contains(long time) => time >= _from && time < _to;

    public bool IsOver(long time) => time >= _to;

    public Task UntilFromAsync() => UntilAsync(_from);

    public Task UntilToAsync() => UntilAsync(_to);

    public static async Task UntilAsync(long time)
    {
        // A delay may end up to a millisecond early.
        while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), time) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
        }
    }

    public static long Timestamps(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
