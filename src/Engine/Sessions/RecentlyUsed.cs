using System.Diagnostics.CodeAnalysis;

namespace Rnn.Engine.Sessions;

/// <summary>Records by ID, in the order of their use. Not thread-safe.</summary>
sealed class RecentlyUsed
{
    readonly Dictionary<string, LinkedListNode<SessionRecord>> _records = new(StringComparer.Ordinal);
    readonly LinkedList<SessionRecord> _byUse = [];        // the least recently used first

    public int Count => _records.Count;

    /// <summary>About how many bytes of memory they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The records, the least recently used first.</summary>
    public IEnumerable<SessionRecord> All => _byUse;

    public bool TryGet(string id, [NotNullWhen(true)] out SessionRecord? record)
    {
        record = _records.TryGetValue(id, out var node) ? node.Value : null;
        return record is not null;
    }

    /// <summary>Takes a record in, in place of the one before it, as the most recently used.</summary>
    public void Put(SessionRecord record)
    {
        if (_records.TryGetValue(record.Id, out var node))
        {
            Bytes -= node.Value.Bytes;
            node.Value = record;
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }
        else
        {
            _records.Add(record.Id, _byUse.AddLast(record));
        }

        Bytes += record.Bytes;
    }

    public void Remove(string id)
    {
        if (_records.Remove(id, out var node))
        {
            _byUse.Remove(node);
            Bytes -= node.Value.Bytes;
        }
    }
}
