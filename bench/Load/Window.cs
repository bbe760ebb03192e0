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

    static Task UntilAsync(long time)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), time);
        return left > TimeSpan.Zero ? Task.Delay(left) : Task.CompletedTask;
    }

    static long Timestamps(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
