using System.Diagnostics;
using System.Net.Sockets;

namespace Rnn.Bench.Load.Overload;

/// <summary>
/// Calls at their times, whether or not the ones before are answered. A latency counts from when its call was due: one that had to wait for a
/// free connection, or that this program sent late, has waited all the same (coordinated omission, as Tene calls it when that is left out).
/// </summary>
/// <param name="perSecond">Calls in a second; 0 for as many as the callers get answered.</param>
/// <param name="warmUp">What is not measured first.</param>
/// <param name="measured">How long.</param>
/// <param name="failures">Takes what goes wrong.</param>
sealed class Phase(double perSecond, TimeSpan warmUp, TimeSpan measured, Failures failures)
{
    readonly Window _window = new(warmUp, measured);
    readonly long _begin = Stopwatch.GetTimestamp();
    readonly TimeSpan _measured = measured;
    readonly Lock _lock = new();
    readonly List<(long Due, long End, Answer Answer)> _calls = [];
    long _next = -1;

    public Histogram Accepted { get; } = new();

    public Histogram Refused { get; } = new();

    public double AcceptedPerSecond => Accepted.Count / _measured.TotalSeconds;

    public double OfferedPerSecond => perSecond > 0 ? perSecond : AcceptedPerSecond;

    public Task RunAsync(IEnumerable<Caller> callers) => Task.WhenAll(callers.Select(RunAsync));

    /// <summary>From the beginning until nothing more was refused and the p99 of each tenth of a second stayed below a limit.</summary>
    /// <param name="limit">The limit in milliseconds.</param>
    /// <returns>Seconds; NaN if it never did.</returns>
    public double SecondsUntil(double limit)
    {
        var tenth = Stopwatch.Frequency / 10;
        var bad = -1L;
        foreach (var part in _calls.GroupBy(call => (call.Due - _begin) / tenth))
        {
            var latencies = new Histogram();
            foreach (var (due, end, _) in part)
            {
                latencies.Record(end - due);
            }

            if (part.Any(call => call.Answer != Answer.Accepted) || latencies.Percentile(0.99) > limit)
            {
                bad = Math.Max(bad, part.Key);
            }
        }

        return bad + 1 < _calls.Max(call => (call.Due - _begin) / tenth) ? (bad + 1) / 10d : double.NaN;
    }

    async Task RunAsync(Caller caller)
    {
        try
        {
            for (var due = Next(); !_window.IsOver(due); due = Next())
            {
                await Window.UntilAsync(due);
                Record(due, await caller.CallAsync(failures));
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            failures.Add(exception.Message);
        }
    }

    long Next() => perSecond > 0
        ? _begin + (long)(Interlocked.Increment(ref _next) * Stopwatch.Frequency / perSecond)
        : Stopwatch.GetTimestamp();

    void Record(long due, Answer answer)
    {
        var end = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            _calls.Add((due, end, answer));
            if (_window.Contains(due) && answer != Answer.Failed)
            {
                (answer == Answer.Accepted ? Accepted : Refused).Record(end - due);
            }
        }
    }
}
