using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Sessions;

/// <summary>
/// What a durable store keeps in memory of the sessions it has read and written: the most recently used, up to a number and to
/// as many bytes. What leaves it is not lost, only read again. Thread-safe.
/// </summary>
/// <param name="options">How many, how many bytes.</param>
/// <param name="metrics">Where it is told that sessions have left; null for nowhere.</param>
public sealed class SessionCache(SessionOptions options, EngineMetrics? metrics = null)
{
    readonly Lock _lock = new();
    readonly RecentlyUsed _records = new();

    /// <summary>How many sessions are in memory, and about how many bytes they take.</summary>
    public (int Count, long Bytes) Held
    {
        get
        {
            lock (_lock)
            {
                return (_records.Count, _records.Bytes);
            }
        }
    }

    /// <summary>What the sessions of an owner take that are in memory.</summary>
    public OwnerUsage UsageOf(string owner)
    {
        lock (_lock)
        {
            return _records.UsageOf(owner);
        }
    }

    /// <summary>The record of a key, if it is in memory.</summary>
    public SessionRecord? Find(string key)
    {
        lock (_lock)
        {
            return _records.TryGet(key, out var record) ? record : null;
        }
    }

    /// <summary>Takes in what was read or written. Of a session that has ended nothing is kept here.</summary>
    public void Put(SessionRecord record)
    {
        lock (_lock)
        {
            if (record.Ended is not null)
            {
                _records.Remove(record.Key);
                return;
            }

            _records.Put(record);
            while (_records.Count > options.Capacity || (_records.Bytes > options.MaxBytes && _records.Count > 1))
            {
                var oldest = _records.All.First();
                _records.Remove(oldest.Key);
                metrics?.Of(oldest.Model, oldest.Version).Spilled();
            }
        }
    }

    /// <summary>Forgets what is known of a key.</summary>
    public void Remove(string key)
    {
        lock (_lock)
        {
            _records.Remove(key);
        }
    }
}
