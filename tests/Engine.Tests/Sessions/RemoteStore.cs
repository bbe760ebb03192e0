using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions;

/// <summary>A store that takes a while, and of which each server remembers what it last saw.</summary>
sealed class RemoteStore(MemorySessionStore store) : ISessionStore
{
    readonly SessionCache _cache = new(new());

    /// <summary>Runs before each write; what it throws is what the write throws.</summary>
    public Action? Writing { get; set; }

    /// <summary>Whether another server is first each time.</summary>
    public bool IsAlwaysOvertaken { get; set; }

    public async ValueTask<SessionRecord?> ReadAsync(string id, bool latest, CancellationToken aborted)
    {
        if (!latest && _cache.Find(id) is { } seen)
        {
            return seen;
        }

        await Task.Yield();
        var record = await store.ReadAsync(id, latest, aborted);
        if (record is not null)
        {
            _cache.Put(record);
        }

        return record;
    }

    public async ValueTask<bool> WriteAsync(SessionRecord record, long replaced)
    {
        await Task.Yield();
        Writing?.Invoke();
        var isKept = !IsAlwaysOvertaken && await store.WriteAsync(record, replaced);
        if (isKept)
        {
            _cache.Put(record);
        }

        await Task.Yield();
        return isKept;
    }

    public ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted) => store.ListAsync(query, aborted);

    public ValueTask SweepAsync(CancellationToken aborted) => store.SweepAsync(aborted);

    public ValueTask ProbeAsync(CancellationToken aborted) => store.ProbeAsync(aborted);
}
