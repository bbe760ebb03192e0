using System.Numerics;

namespace Rnn.Engine.Formats.Hdf5;

/// <summary>The newer B-tree, which keeps records in all its nodes. Source: section III.A.2.</summary>
sealed class BTree2
{
    const int NodeOverheadBytes = 10;
    const int MaxDepth = 16;

    readonly FileSpace _space;
    readonly Place _place;
    readonly int _type;
    readonly int _recordBytes;
    readonly int _countBytes;
    readonly int[] _totalBytes;
    readonly List<ReadOnlyMemory<byte>> _records = [];

    BTree2(FileSpace space, Place place, int type, int recordBytes, long nodeBytes, int depth)
    {
        _space = space;
        _place = place;
        _type = type;
        _recordBytes = recordBytes;
        (_countBytes, _totalBytes) = PointerSizes(nodeBytes, recordBytes, depth);
    }

    /// <summary>All records in order.</summary>
    /// <param name="space">The file.</param>
    /// <param name="place">The object that the tree belongs to.</param>
    /// <param name="address">The tree's header.</param>
    /// <param name="type">What the records must be.</param>
    /// <param name="recordBytes">How long a record of this type is.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Records(FileSpace space, Place place, long address, int type, int recordBytes)
    {
        var head = space.Structure(place, address, 34, "B-tree");
        head.ExpectSignature("BTHD"u8);
        head.ExpectVersion(0, 0);
        var (foundType, nodeBytes, foundBytes, depth) = (head.Byte(), head.UInt32(), head.UInt16(), head.UInt16());
        head.Skip(2);
        var (root, count) = (head.Address(), head.UInt16());
        if (foundType != type || foundBytes != recordBytes || depth > MaxDepth || nodeBytes < 64)
        {
            throw head.Refuse(
                $"has type {foundType}, records of {foundBytes} bytes, nodes of {nodeBytes} and depth {depth}; type {type}, records of {recordBytes} and a depth of at most {MaxDepth} belong here.");
        }

        var tree = new BTree2(space, place, type, recordBytes, nodeBytes, depth);
        if (count > 0)
        {
            tree.Collect(root, count, depth);
        }

        return tree._records;
    }

    // How wide the counts in a pointer are depends on how many records a node, and a subtree, can hold at most.
    static (int CountBytes, int[] TotalBytes) PointerSizes(long nodeBytes, int recordBytes, int depth)
    {
        var most = (nodeBytes - NodeOverheadBytes) / recordBytes;
        var countBytes = WidthOf(most);
        var totalBytes = new int[depth + 1];
        UInt128 total = (ulong)most;
        for (var level = 1; level <= depth; level++)
        {
            var pointer = 8 + countBytes + totalBytes[level - 1];
            most = Math.Max(0, (nodeBytes - NodeOverheadBytes - pointer) / (recordBytes + pointer));
            total = UInt128.Min((UInt128)(ulong)(most + 1) * total + (ulong)most, long.MaxValue);
            totalBytes[level] = WidthOf((long)total);
        }

        return (countBytes, totalBytes);
    }

    static int WidthOf(long most) => BitOperations.Log2((ulong)most) / 8 + 1;

    void Collect(long address, long count, int depth)
    {
        var pointerBytes = depth == 0 ? 0 : 8 + _countBytes + _totalBytes[depth - 1];
        var node = _space.Structure(_place, address, 6 + count * _recordBytes + (count + 1) * pointerBytes, "B-tree node");
        node.ExpectSignature(depth == 0 ? "BTLF"u8 : "BTIN"u8);
        node.ExpectVersion(0, 0);
        if (node.Byte() is var type && type != _type)
        {
            throw node.Refuse($"at {address} has type {type}; its tree has type {_type}.");
        }

        var records = node.Take(count * _recordBytes);
        for (var i = 0; i <= count; i++)
        {
            if (depth > 0)
            {
                var child = node.Address();
                var childCount = node.Unsigned(_countBytes);
                node.Skip(_totalBytes[depth - 1]);
                Collect(child, childCount, depth - 1);
            }

            if (i < count)
            {
                _records.Add(records.Slice(i * _recordBytes, _recordBytes));
            }
        }
    }
}
