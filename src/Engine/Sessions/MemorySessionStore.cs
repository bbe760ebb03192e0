using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Sessions;

/// <summary>
/// Sessions in the memory of this process, and gone with it. When there is no room for another, the least recently used ends;
/// never one that a call holds or waits for, which does not expire either.
/// </summary>
/// <param name="options">How many, how many bytes.</param>
/// <param name="turns">Who is in use.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Where it is told that sessions have expired or had to go; null for nowhere.</param>
public sealed class MemorySessionStore(SessionOptions options, Turns turns, TimeProvider time, EngineMetrics? metrics = null) : ISessionStore
{
    readonly Lock _lock = new();
    readonly RecentlyUsed _living = new();
    readonly Dictionary<string, SessionRecord> _ended = new(StringComparer.Ordinal);
    readonly Queue<SessionRecord> _endedByAge = [];

    /// <summary>How many sessions live.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _living.Count;
            }
        }
    }

    /// <summary>How many sessions live, and about how many bytes of memory they take.</summary>
    public (int Count, long Bytes) Held
    {
        get
        {
            lock (_lock)
            {
                return (_living.Count, _living.Bytes);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> ReadAsync(string key, bool latest, CancellationToken aborted)
    {
        lock (_lock)
        {
            return new(Find(key));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> WriteAsync(SessionRecord record, long replaced)
    {
        lock (_lock)
        {
            if ((Find(record.Key)?.Stamp ?? 0) != replaced)
            {
                return new(false);
            }

            if (record.Ended is null)
            {
                ExpectOwnersRoom(record);
                MakeRoom(record);
                _ended.Remove(record.Key);
                _living.Put(record);
            }
            else
            {
                Remember(record);
            }

            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted)
    {
        SessionRecord[] living;
        lock (_lock)
        {
            living = [.. _living.All];                     // no call waits for what is done with them
        }

        var now = time.GetUtcNow();
        return new([.. living
            .Where(session => query.After is null || string.CompareOrdinal(session.Id, query.After) > 0)
            .Where(session => query.Matches(session) && !HasExpired(session, now))
            .OrderBy(session => session.Id, StringComparer.Ordinal)
            .Take(query.Limit)
            .Select(SessionSummary.Of)]);
    }

    /// <inheritdoc/>
    public ValueTask SweepAsync(CancellationToken aborted)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            foreach (var session in _living.All.Where(session => HasExpired(session, now)).ToList())
            {
                End(session, EndReason.Expired, session.Expires);
            }

            while (_endedByAge.TryPeek(out var oldest) && oldest.Ended!.When + options.RememberEnded <= now)
            {
                Forget();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ProbeAsync(CancellationToken aborted) => ValueTask.CompletedTask;

    SessionRecord? Find(string key) =>
        _living.TryGet(key, out var living) ? living : _ended.GetValueOrDefault(key);

    bool HasExpired(SessionRecord session, DateTimeOffset now) => session.Expires <= now && !turns.IsTaken(session.Key);

    void ExpectOwnersRoom(SessionRecord record)
    {
        if (record.Owner is null)
        {
            return;
        }

        var (before, bytes) = (_living.TryGet(record.Key, out var living) ? living.Bytes : (long?)null, record.Bytes);
        if ((before is null || bytes > before) && _living.UsageOf(record.Owner).With(before, bytes).Refusal(before is null, options) is { } refusal)
        {
            throw refusal;
        }
    }

    void MakeRoom(SessionRecord record)
    {
        var (count, bytes) = _living.TryGet(record.Key, out var before)
            ? (_living.Count, _living.Bytes - before.Bytes + record.Bytes)
            : (_living.Count + 1, _living.Bytes + record.Bytes);
        if (Fits(count, bytes))
        {
            return;
        }

        if (record.Bytes > options.MaxBytes)
        {
            throw new EngineException(
                ErrorKind.StoreFull, $"The session would take {record.Bytes} bytes, and all sessions together may take {options.MaxBytes}.");
        }

        var leaving = new List<SessionRecord>();           // none of them, if that is not enough
        foreach (var idle in _living.All.Where(session => session.Key != record.Key && !turns.IsTaken(session.Key)))
        {
            (count, bytes) = (count - 1, bytes - idle.Bytes);
            leaving.Add(idle);
            if (Fits(count, bytes))
            {
                break;
            }
        }

        if (!Fits(count, bytes))
        {
            throw new EngineException(
                ErrorKind.SessionsFull, $"The sessions that are in use at this moment take all the room: {options.Capacity} sessions, {options.MaxBytes} bytes.");
        }

        var now = time.GetUtcNow();
        foreach (var idle in leaving)
        {
            var hasExpired = HasExpired(idle, now);
            End(idle, hasExpired ? EndReason.Expired : EndReason.Evicted, hasExpired ? idle.Expires : now);
        }
    }

    bool Fits(int count, long bytes) => count <= options.Capacity && bytes <= options.MaxBytes;

    void End(SessionRecord session, EndReason reason, DateTimeOffset when)
    {
        var ended = session.End(reason, when);
        Remember(ended);
        metrics?.Ended(ended);
    }

    void Remember(SessionRecord ended)
    {
        _living.Remove(ended.Key);
        _ended[ended.Key] = ended;
        _endedByAge.Enqueue(ended);
        while (_endedByAge.Count > options.RememberedEnded)
        {
            Forget();
        }
    }

    void Forget()
    {
        var oldest = _endedByAge.Dequeue();
        if (_ended.TryGetValue(oldest.Key, out var ended) && ReferenceEquals(ended, oldest))
        {
            _ended.Remove(oldest.Key);                     // not the younger one of an ID that was used again
        }
    }
}
