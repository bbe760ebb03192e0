using StackExchange.Redis;

namespace Rnn.Api.Storage;

/// <summary>
/// The keys of all sessions in a sorted set, where equal scores leave them in ordinal order. It may hold some whose records are gone,
/// as those go by themselves. It lacks one whose record is there only if a server died while it swept: see <see cref="RemoveAsync"/>.
/// </summary>
/// <param name="key">The key of the set.</param>
/// <param name="recordOf">Where the record of a session is.</param>
sealed class RedisSessionIndex(RedisKey key, Func<string, RedisKey> recordOf)
{
    const int SweepPage = 1_000;

    string? _swept;                                        // the last ID that was looked at; null to begin anew

    /// <summary>Adds an ID. To be called before the first record is written and once more after.</summary>
    public Task<bool> AddAsync(IDatabase database, string id) => database.SortedSetAddAsync(key, id, 0, SortedSetWhen.Always, RedisConnection.Leader);

    /// <summary>The next ones in ordinal order.</summary>
    /// <param name="database">Where the set is.</param>
    /// <param name="after">The last one before them; null for the first ones.</param>
    /// <param name="end">The one before which they end; null for none.</param>
    /// <param name="limit">How many at most.</param>
    public async Task<string[]> ReadAsync(IDatabase database, string? after, string? end, int limit)
    {
        var ids = await database.SortedSetRangeByValueAsync(
            key, after, end, end is null ? Exclude.Start : Exclude.Both, Order.Ascending, skip: 0, take: limit, RedisConnection.Leader);
        return Array.ConvertAll(ids, id => (string)id!);
    }

    /// <summary>How many there are between two.</summary>
    public Task<long> CountAsync(IDatabase database, string after, string end) =>
        database.SortedSetLengthByValueAsync(key, after, end, Exclude.Both, RedisConnection.Leader);

    /// <summary>
    /// Looks at the next ones and takes out those whose records are gone; goes on, once around at most, while a quarter of them or
    /// more are. So it keeps up however many sessions end, and costs little when few do.
    /// </summary>
    /// <returns>How many it took out.</returns>
    public async Task<int> SweepAsync(IDatabase database, CancellationToken aborted)
    {
        const int Quarter = 4;
        var removed = 0;
        string[] ids, gone;
        do
        {
            aborted.ThrowIfCancellationRequested();
            ids = await ReadAsync(database, _swept, end: null, SweepPage);
            gone = await SelectAsync(database, ids, exist: false);
            await RemoveAsync(database, gone);
            removed += gone.Length;
            _swept = ids.Length == SweepPage ? ids[^1] : null;
        }
        while (_swept is not null && gone.Length * Quarter >= ids.Length);

        return removed;
    }

    /// <summary>
    /// A session may be created with such an ID at this very moment. Either its record is there when this looks again, or it is
    /// written later, and then its ID is added after that. If this server dies before it has looked again, such a session is used as
    /// any other, but in no list: the record and the index lie on different nodes of a cluster, so nothing changes both at once.
    /// </summary>
    async Task RemoveAsync(IDatabase database, string[] ids)
    {
        if (ids.Length > 0)
        {
            await database.SortedSetRemoveAsync(key, Array.ConvertAll(ids, id => (RedisValue)id), RedisConnection.Leader);
            foreach (var id in await SelectAsync(database, ids, exist: true))
            {
                await AddAsync(database, id);
            }
        }
    }

    async Task<string[]> SelectAsync(IDatabase database, string[] ids, bool exist)
    {
        var exists = await Task.WhenAll(ids.Select(id => database.KeyExistsAsync(recordOf(id), RedisConnection.Leader)));
        return [.. ids.Where((_, index) => exists[index] == exist)];
    }
}
