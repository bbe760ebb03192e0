using Rnn.Engine;
using Rnn.Engine.Sessions;
using StackExchange.Redis;

namespace Rnn.Api.Storage;

/// <summary>
/// Sessions in Redis or Valkey, for any number of servers: each record one string under a key of its own, and beside them a sorted
/// set of all their keys for lists. A write is one script over one key, so that it works in a cluster and takes one round trip.
/// </summary>
/// <param name="options">How to reach it, and what the keys begin with.</param>
/// <param name="sessions">How long ended sessions are remembered.</param>
/// <param name="cache">What this process last saw of the sessions.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where the connection tells that it was lost and is back.</param>
sealed class RedisSessionStore(StoreOptions options, SessionOptions sessions, SessionCache cache, TimeProvider time, ILoggerFactory log)
    : ISessionStore, IAsyncDisposable
{
    // KEYS[1] the record; ARGV: the stamp that must be there, the new record, for how many milliseconds it is kept, whether it has ended.
    // Stamp 0 stands for none, and so does a value that is too short to hold one: its ID can be used again.
    // If the new record's own stamp is there, an earlier try of this very write came through and its answer was lost.
    // A Redis without memory takes nothing in, but a session can still be deleted there: it is forgotten then, not remembered.
    const string CompareAndSet = """
        local held = redis.call('GETRANGE', KEYS[1], 0, 7)
        if #held < 8 then held = string.rep('\0', 8) end
        if held == ARGV[1] then
          local set = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
          if type(set) == 'table' and set.err then
            if ARGV[4] == '0' then return set end
            redis.call('DEL', KEYS[1])
          end
          return 1
        end
        return held == string.sub(ARGV[2], 1, 8) and 1 or 0
        """;

    // Records fetched at once for a list; a record with its history may take a megabyte.
    const int Batch = 16;

    readonly RedisConnection _redis = new(options, log);
    readonly RedisSessionIndex _index = new($"{options.KeyPrefix}sessions", key => KeyOf(options, key));

    /// <inheritdoc/>
    public async ValueTask<SessionRecord?> ReadAsync(string key, bool latest, CancellationToken aborted)
    {
        // One whose time seems to be up may have been used through another server since.
        if (!latest && cache.Find(key) is { } known && known.IsLiving(time.GetUtcNow()))
        {
            return known;
        }

        var value = await _redis.AskAsync(database => database.StringGetAsync(KeyOf(options, key), RedisConnection.Leader), aborted);
        if (value.IsNull)
        {
            cache.Remove(key);
            return null;
        }

        var record = Decode(key, value);
        cache.Put(record);
        return record;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> WriteAsync(SessionRecord record, long replaced)
    {
        // A key stays in the index for as long as there is a record, also that of an ended session; so only the first is added.
        var isFirst = replaced == 0;
        if (record is { Owner: { } owner, Ended: null })
        {
            await ExpectOwnersRoomAsync(owner, record, isFirst);
        }

        var kept = false;
        try
        {
            if (isFirst)
            {
                await AddToIndexAsync(record.Key);         // before: no session is left out because its server died
            }

            kept = await CompareAndSetAsync(record, replaced);
            if (kept && isFirst)
            {
                await AddToIndexAsync(record.Key);         // again: a sweep may have taken it for gone just before
            }

            return kept;
        }
        finally
        {
            if (kept)
            {
                cache.Put(record);
            }
            else
            {
                cache.Remove(record.Key);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted)
    {
        var now = time.GetUtcNow();
        List<SessionSummary> page = [];
        var after = query.AfterKey is "" ? null : query.AfterKey;
        string[] keys;
        do
        {
            keys = await _redis.AskAsync(database => _index.ReadAsync(database, after, query.EndKey, Batch), aborted);
            var values = await _redis.AskAsync(
                database => Task.WhenAll(keys.Select(key => database.StringGetAsync(KeyOf(options, key), RedisConnection.Leader))), aborted);
            page.AddRange(keys.Zip(values)
                .Where(found => !found.Second.IsNull)
                .Select(found => Decode(found.First, found.Second))
                .Where(session => session.IsLiving(now) && query.Matches(session))
                .Take(query.Limit - page.Count)
                .Select(SessionSummary.Of));
            after = keys.LastOrDefault();
        }
        while (keys.Length == Batch && page.Count < query.Limit);

        return page;
    }

    /// <summary>Takes keys out of the index whose records are gone. Redis lets go of the records by itself.</summary>
    /// <exception cref="EngineException">The store can't be reached.</exception>
    public async ValueTask SweepAsync(CancellationToken aborted) =>
        await _redis.AskAsync(database => _index.SweepAsync(database, aborted), aborted);

    /// <inheritdoc/>
    public async ValueTask ProbeAsync(CancellationToken aborted) => await _redis.ProbeAsync(aborted);

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    // How many there are is asked, those included that ended a short while ago. What they take only those tell that are in memory here: no script
    // reaches over all records of an owner, which lie on different nodes of a cluster.
    async Task ExpectOwnersRoomAsync(string owner, SessionRecord record, bool isFirst)
    {
        var (before, bytes) = (cache.Find(record.Key)?.Bytes, record.Bytes);
        if (!isFirst && (before is null || bytes <= before))
        {
            return;
        }

        var there = isFirst
            ? await _redis.AskAsync(database => _index.CountAsync(database, SessionKey.Prefix(owner), SessionKey.End(owner)!), CancellationToken.None)
            : 0;
        if (new OwnerUsage(there + 1, cache.UsageOf(owner).With(before, bytes).Bytes).Refusal(isFirst, sessions) is { } refusal)
        {
            throw refusal;
        }
    }

    Task<bool> AddToIndexAsync(string key) => _redis.ChangeAsync((database, _) => _index.AddAsync(database, key));

    Task<bool> CompareAndSetAsync(SessionRecord record, long replaced)
    {
        RedisKey[] keys = [KeyOf(options, record.Key)];
        RedisValue[] values = [SessionCodec.Stamp(replaced), SessionCodec.Encode(record), MillisecondsKept(record), record.Ended is not null];
        return _redis.ChangeAsync(async (database, isUnsure) =>
        {
            var kept = (bool)await database.ScriptEvaluateAsync(CompareAndSet, keys, values, RedisConnection.Leader);

            // Then an earlier try may have come through and another server's write over it. "False" would make the caller
            // compute its step a second time.
            return kept || !isUnsure ? kept : throw new EngineException(
                ErrorKind.StoreUnavailable,
                "The connection to the store of the sessions was lost, and the session was changed meanwhile: this change may or may not have been made before.")
            {
                IsUnsure = true,
            };
        });
    }

    // How long, not until when: the clock of Redis may be another.
    long MillisecondsKept(SessionRecord record)
    {
        var forgotten = (record.Ended?.When ?? record.Expires) + sessions.RememberEnded;
        return Math.Max(1, (long)(forgotten - time.GetUtcNow()).TotalMilliseconds);
    }

    SessionRecord Decode(string key, RedisValue value) => SessionCodec.Decode(key, (byte[]?)value, time.GetUtcNow());

    static RedisKey KeyOf(StoreOptions options, string key) => $"{options.KeyPrefix}session:{key}";
}
