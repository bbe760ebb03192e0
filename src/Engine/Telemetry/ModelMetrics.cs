using System.Diagnostics;
using System.Globalization;

namespace Rnn.Engine.Telemetry;

/// <summary>The instruments of one model, its labels made once.</summary>
public sealed class ModelMetrics
{
    readonly EngineMetrics _metrics;
    readonly TagList _tags;
    long _steps;
    long _active;
    long _waiting;

    internal ModelMetrics(EngineMetrics metrics, string name, int version)
    {
        _metrics = metrics;
        _tags = new() { { "model", name }, { "version", version.ToString(CultureInfo.InvariantCulture) } };
    }

    internal TagList Tags => _tags;

    internal long Steps => Interlocked.Read(ref _steps);

    internal long Active => Interlocked.Read(ref _active);

    internal long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Most calls that may wait.</summary>
    internal int QueueLimit { get; private set; }

    /// <summary>A session was created.</summary>
    public void Created() => _metrics.Created.Add(1, _tags);

    /// <summary>A session has ended.</summary>
    /// <param name="reason">Why: <c>deleted</c>, <c>expired</c>, <c>evicted</c>, <c>damaged</c>.</param>
    public void Ended(string reason)
    {
        var tags = _tags;
        tags.Add("reason", reason);
        _metrics.Ended.Add(1, tags);
    }

    /// <summary>A session has left memory, and its store still has it.</summary>
    public void Spilled() => _metrics.Spilled.Add(1, _tags);

    /// <summary>A session was brought to this model's weights by its inputs.</summary>
    public void Replayed() => _metrics.Replayed.Add(1, _tags);

    internal ModelMetrics WithQueue(int limit)
    {
        QueueLimit = limit;
        return this;
    }

    internal void Began() => Interlocked.Increment(ref _active);

    internal void Over() => Interlocked.Decrement(ref _active);

    /// <summary>A call is over.</summary>
    internal void Answered(long began, long tokens, bool isReplay)
    {
        _metrics.Requests.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _tags);
        if (tokens > 0)
        {
            _metrics.Tokens.Add(tokens, _tags);
        }

        if (isReplay)
        {
            _metrics.Replays.Add(1, _tags);
        }
    }

    internal void ToldFirst(long began) => _metrics.FirstTokens.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _tags);

    internal void Queued() => Interlocked.Increment(ref _waiting);

    internal void Dequeued() => Interlocked.Decrement(ref _waiting);

    internal void Waited(long from, long until) => _metrics.Waits.Record(Stopwatch.GetElapsedTime(from, until).TotalSeconds, _tags);

    /// <summary>A tick is over.</summary>
    /// <param name="calls">How many it ran together.</param>
    /// <param name="timesteps">How many it computed, of all of them.</param>
    /// <param name="began">When it began.</param>
    internal void Ticked(int calls, int timesteps, long began)
    {
        Stepped(timesteps);
        _metrics.Ticks.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, _tags);
        _metrics.Batches.Record(calls, _tags);
    }

    internal void Stepped(int timesteps) => Interlocked.Add(ref _steps, timesteps);
}
