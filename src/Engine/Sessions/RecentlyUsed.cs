using System.Diagnostics.CodeAnalysis;

namespace Rnn.Engine.Sessions;

/// <summary>Records by key, in the order of their use. Not thread-safe.</summary>
sealed class RecentlyUsed
{
    readonly Dictionary<string, LinkedListNode<SessionRecord>> _records = new(StringComparer.Ordinal);
    readonly Dictionary<string, OwnerUsage> _owners = new(StringComparer.Ordinal);
    readonly LinkedList<SessionRecord> _byUse = [];        // the least recently used first

    public int Count => _records.Count;

    /// <summary>About how many bytes of memory they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The records, the least recently used first.</summary>
    public IEnumerable<SessionRecord> All => _byUse;

    /// <summary>What the records of an owner take.</summary>
    public OwnerUsage UsageOf(string owner) => _owners.GetValueOrDefault(owner);

    public bool TryGet(string key, [NotNullWhen(true)] out SessionRecord? record)
    {
        record = _records.TryGetValue(key, out var node) ? node.Value : null;
        return record is not null;
    }

    /// <summary>Takes a record in, in place of the one before it, as the most recently used.</summary>
    public void Put(SessionRecord record)
    {
        if (_records.TryGetValue(record.Key, out var node))
        {
            Tally(node.Value, -1);
            node.Value = record;
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }
        else
        {
            _records.Add(record.Key, _byUse.AddLast(record));
        }

        Tally(record, 1);
    }

    public void Remove(string key)
    {
        if (_records.Remove(key, out var node))
        {
            _byUse.Remove(node);
            Tally(node.Value, -1);
        }
    }

    void Tally(SessionRecord record, int sign)
    {
        var bytes = sign * record.Bytes;
        Bytes += bytes;
        if (record.Owner is not null)
        {
            var before = UsageOf(record.Owner);
            if (before.Sessions + sign == 0)
            {
                _owners.Remove(record.Owner);
            }
            else
            {
                _owners[record.Owner] = new(before.Sessions + sign, before.Bytes + bytes);
            }
        }
    }
}
