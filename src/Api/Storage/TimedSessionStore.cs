using System.Diagnostics;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Api.Storage;

/// <summary>Times what a durable store does. The memory store has none of this: what it does is a look into a dictionary.</summary>
/// <param name="store">The store; disposed with this.</param>
/// <param name="name">Its name on the meter.</param>
/// <param name="metrics">The meter.</param>
sealed class TimedSessionStore(ISessionStore store, string name, EngineMetrics metrics) : ISessionStore, IAsyncDisposable
{
    public async ValueTask<SessionRecord?> ReadAsync(string key, bool latest, CancellationToken aborted)
    {
        using var timer = Time("read");
        return await store.ReadAsync(key, latest, aborted);
    }

    public async ValueTask<bool> WriteAsync(SessionRecord record, long replaced)
    {
        using var timer = Time("write");
        return await store.WriteAsync(record, replaced);
    }

    public async ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted)
    {
        using var timer = Time("list");
        return await store.ListAsync(query, aborted);
    }

    public async ValueTask SweepAsync(CancellationToken aborted)
    {
        using var timer = Time("sweep");
        await store.SweepAsync(aborted);
    }

    public async ValueTask ProbeAsync(CancellationToken aborted)
    {
        using var timer = Time("probe");
        await store.ProbeAsync(aborted);
    }

    public ValueTask DisposeAsync() => store is IAsyncDisposable open ? open.DisposeAsync() : ValueTask.CompletedTask;

    Timer Time(string operation) => new(metrics, name, operation, Stopwatch.GetTimestamp());

    /// <summary>Tells the meter at the end, also of an operation that fails.</summary>
    readonly struct Timer(EngineMetrics metrics, string store, string operation, long began) : IDisposable
    {
        public void Dispose() => metrics.Stored(store, operation, began);
    }
}
