using Microsoft.Data.Sqlite;
using Rnn.Engine;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Api.Storage;

/// <summary>
/// Sessions in a file that belongs to this process alone. What is in memory of them is always what is in the file, as both change in
/// the same order, on the queue's thread.
/// </summary>
sealed class SqliteSessionStore : ISessionStore, IAsyncDisposable
{
    // Rows read at once; a record with its history may take a megabyte, and others wait meanwhile.
    const int Batch = 16;

    // A session that a call holds or waits for does not expire; it is looked at again after so long.
    static readonly TimeSpan InUse = TimeSpan.FromMinutes(1);

    readonly SessionOptions _sessions;
    readonly SessionCache _cache;
    readonly Turns _turns;
    readonly TimeProvider _time;
    readonly EngineMetrics? _metrics;
    readonly DiskReserve _disk;
    readonly SqliteQueue _queue;
    readonly SqliteStatements _statements;

    /// <exception cref="InvalidOperationException">The file can't be used.</exception>
    public SqliteSessionStore(StoreOptions options, SessionOptions sessions, SessionCache cache, Turns turns, TimeProvider time, EngineMetrics? metrics = null)
        : this(SqliteSchema.Open(options), sessions, cache, turns, time, metrics, options.DiskReserve)
    {
    }

    internal SqliteSessionStore(SqliteConnection connection, SessionOptions sessions, SessionCache cache, Turns turns, TimeProvider time, EngineMetrics? metrics = null, long reserve = 0)
    {
        _disk = new DiskReserve(connection.DataSource, reserve);
        (_sessions, _cache, _turns, _time, _metrics) = (sessions, cache, turns, time, metrics);
        _statements = new SqliteStatements(connection);
        _queue = new SqliteQueue(connection);
    }

    /// <inheritdoc/>
    public async ValueTask<SessionRecord?> ReadAsync(string key, bool latest, CancellationToken aborted) =>
        _cache.Find(key) ?? await ReadAsync(() => _statements.Find(key)?.Decode(_time.GetUtcNow()), found => Keep(key, found), aborted);

    /// <inheritdoc/>
    public async ValueTask<bool> WriteAsync(SessionRecord record, long replaced)
    {
        var bytes = SessionCodec.Encode(record);
        var (isKept, refusal) = await WriteAsync(Write, written => Keep(record.Key, written.IsKept ? record : null));
        return refusal is null ? isKept : throw refusal;

        // Not thrown from there: that would undo what others write with it.
        (bool IsKept, EngineException? Refusal) Write() => RefusalTo(record, bytes.Length) is { } refusal
            ? (false, refusal)
            : (_statements.Replace(record, bytes, replaced, WakesAt(record)), null);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted)
    {
        var page = new List<SessionSummary>();
        var after = query.AfterKey;
        while (true)
        {
            var rows = await ReadAsync(() => _statements.List(query, after, Batch), kept: null, aborted);
            var now = _time.GetUtcNow();
            page.AddRange(rows
                .Select(row => row.Decode(now))
                .Where(session => session.IsLiving(now) && query.Matches(session))
                .Take(query.Limit - page.Count)
                .Select(SessionSummary.Of));
            if (rows.Count < Batch || page.Count == query.Limit)
            {
                return page;
            }

            after = rows[^1].Key;
        }
    }

    /// <inheritdoc/>
    public async ValueTask SweepAsync(CancellationToken aborted)
    {
        while (true)
        {
            var now = _time.GetUtcNow();
            var rows = await ReadAsync(() => _statements.Waking(now.UtcTicks, Batch), kept: null, aborted);
            var changed = await Task.WhenAll(rows.Select(row => SweepAsync(row.Decode(now), now)));
            if (rows.Count < Batch || !changed.Contains(true))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask ProbeAsync(CancellationToken aborted) => await ReadAsync(_statements.Probe, kept: null, aborted);

    /// <summary>Finishes what waits, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync();
        _statements.Dispose();
    }

    /// <returns>Whether the row is another now.</returns>
    async Task<bool> SweepAsync(SessionRecord session, DateTimeOffset now)
    {
        var wakes = _turns.IsTaken(session.Key) ? now + InUse : WakesAt(session);
        if (wakes > now)
        {
            return session.Ended is { Reason: EndReason.Damaged }
                ? await WriteAsync(session with { Stamp = SessionRecord.NewStamp() }, session.Stamp)      // its end begins when it is noticed
                : await WriteAsync(() => _statements.PutOff(session.Key, session.Stamp, wakes));
        }

        return session.Ended is null
            ? await ExpireAsync(session)
            : await WriteAsync(() => _statements.Forget(session.Key, session.Stamp), _ => _cache.Remove(session.Key));
    }

    async Task<bool> ExpireAsync(SessionRecord session)
    {
        var expired = session.End(EndReason.Expired, session.Expires);
        var isWritten = await WriteAsync(expired, session.Stamp);
        if (isWritten)
        {
            _metrics?.Ended(expired);
        }

        return isWritten;
    }

    EngineException? RefusalTo(SessionRecord record, long bytes)
    {
        const int Numbers = 8;                             // what the step and the like may take more of as they rise

        if (record.Ended is not null)
        {
            return null;
        }

        var (held, now) = (_cache.Find(record.Key)?.Bytes, record.Bytes);
        if (now > (held ?? 0) && _disk.Refusal(_statements.Unused) is { } full)
        {
            return full;
        }

        if (record.Owner is null)
        {
            return null;
        }

        var (all, before) = _statements.Measure(record.Owner, record.Key);
        var grows = before is null || bytes > before + Numbers || now > held;
        return grows ? all.With(before, bytes).Refusal(before is null, _sessions) : null;
    }

    // When a sweep has something to do about it: at its end, or when its end is to be forgotten.
    DateTimeOffset WakesAt(SessionRecord session) => session.Ended is { } ended ? ended.When + _sessions.RememberEnded : session.Expires;

    // Null if there is none, or not the one that was in memory: then what is there is read again.
    void Keep(string key, SessionRecord? record)
    {
        if (record is not null)
        {
            _cache.Put(record);
        }
        else
        {
            _cache.Remove(key);
        }
    }

    async Task<T> ReadAsync<T>(Func<T> read, Action<T>? kept, CancellationToken aborted)
    {
        try
        {
            return await _queue.ReadAsync(read, kept, aborted);
        }
        catch (SqliteException exception)
        {
            throw SqliteFault.Of(exception);
        }
    }

    async Task<T> WriteAsync<T>(Func<T> write, Action<T>? kept = null)
    {
        try
        {
            return await _queue.WriteAsync(write, kept);
        }
        catch (SqliteException exception)
        {
            throw SqliteFault.Of(exception);
        }
    }
}
