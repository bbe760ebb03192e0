using System.Numerics;

namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// The heap of a group with many links or of an object with many attributes: blocks that double in size from row to row of a
/// table, whose entries past a certain size are tables themselves. Source: section III.G.
/// </summary>
sealed class FractalHeap
{
    const int HeadBytes = 142;
    const int HugeIndex = 1;
    const int HugeRecordBytes = 24;

    readonly FileSpace _space;
    readonly Place _place;
    readonly long _hugeIndex;
    readonly int _width;
    readonly long _startBytes;
    readonly long _maxDirectBytes;
    readonly int _offsetBytes;
    readonly int _lengthBytes;
    readonly long _root;
    readonly int _rootRows;
    Dictionary<long, (long Address, long Length)>? _huge;

    public FractalHeap(FileSpace space, Place place, long address)
    {
        _space = space;
        _place = place;
        var head = space.Structure(place, address, HeadBytes, "fractal heap");
        head.ExpectSignature("FRHP"u8);
        head.ExpectVersion(0, 0);
        head.Skip(2);
        if (head.UInt16() != 0)
        {
            throw head.Refuse("is compressed, which is not read.");
        }

        head.Skip(1);
        var maxManagedBytes = head.UInt32();
        head.Skip(8);
        _hugeIndex = head.Address();
        head.Skip(10 * 8);
        (_width, _startBytes, _maxDirectBytes) = (head.UInt16(), head.Length(), head.Length());
        var offsetBits = head.UInt16();
        head.Skip(2);
        (_root, _rootRows) = (head.Address(), head.UInt16());
        if (!BitOperations.IsPow2(_width) || !BitOperations.IsPow2(_startBytes) || !BitOperations.IsPow2(_maxDirectBytes)
            || _startBytes > _maxDirectBytes || _maxDirectBytes > int.MaxValue || maxManagedBytes == 0 || offsetBits is 0 or >= 64)
        {
            throw head.Refuse($"has {_width} blocks a row of {_startBytes} to {_maxDirectBytes} bytes and {offsetBits} bits of offset; powers of two and at most 63 bits are read.");
        }

        _offsetBytes = (offsetBits + 7) / 8;
        _lengthBytes = Math.Min((BitOperations.Log2((ulong)_maxDirectBytes) + 7) / 8, BitOperations.Log2(maxManagedBytes) / 8 + 1);
    }

    /// <summary>An object by its id, the first byte of which says how it is kept.</summary>
    public ReadOnlyMemory<byte> Object(ReadOnlyMemory<byte> id)
    {
        var cursor = new ByteCursor(_space, _place, "id of a heap's object", id);
        var kind = cursor.Byte() >> 4;
        return kind switch
        {
            0 => Managed(cursor.Unsigned(_offsetBytes), cursor.Unsigned(_lengthBytes)),
            1 => Huge(cursor.Unsigned(Math.Min(8, cursor.Left))),
            _ => throw cursor.Refuse($"has kind {kind}; 0 (in a block) and 1 (on its own) are read."),
        };
    }

    ReadOnlyMemory<byte> Managed(long offset, long length)
    {
        var (address, rows, blockBytes) = (_root, _rootRows, _startBytes);
        while (rows > 0)
        {
            (address, rows, blockBytes, offset) = Entry(address, rows, offset);
        }

        _space.Structure(_place, address, 4, "fractal heap block").ExpectSignature("FHDB"u8);
        if (offset > blockBytes || length > blockBytes - offset)
        {
            throw _space.Refuse(_place, $"an object of {length} bytes at {offset} does not fit into a heap block of {blockBytes}.");
        }

        return _space.Bytes(_place, address + offset, length, "fractal heap");
    }

    // The entry of a table that covers an offset: its address, its rows (0: a block), its bytes and the offset within it.
    (long Address, int Rows, long Bytes, long Offset) Entry(long table, int rows, long offset)
    {
        var maxDirectRows = BitOperations.Log2((ulong)(_maxDirectBytes / _startBytes)) + 2;
        var entryBytes = _startBytes;
        for (var row = 0; row < rows; row++)
        {
            entryBytes *= row > 1 ? 2 : 1;
            if (entryBytes > long.MaxValue / 2 / _width)
            {
                break;
            }

            if (offset >= entryBytes * _width)
            {
                offset -= entryBytes * _width;
                continue;
            }

            _space.Structure(_place, table, 4, "fractal heap table").ExpectSignature("FHIB"u8);
            var index = row * _width + offset / entryBytes;
            var at = table + 5 + 8 + _offsetBytes + index * 8;
            var address = _space.Structure(_place, at, 8, "fractal heap table").Address();
            return (address, row < maxDirectRows ? 0 : RowsOf(entryBytes), entryBytes, offset % entryBytes);
        }

        throw _space.Refuse(_place, $"an object lies at {offset} past the end of its heap of {rows} rows.");
    }

    // A table within a table covers entryBytes with fewer rows than the table around it: the descent ends.
    int RowsOf(long entryBytes) =>
        Math.Max(1, BitOperations.Log2((ulong)entryBytes) - BitOperations.Log2((ulong)_startBytes * (ulong)_width) + 1);

    ReadOnlyMemory<byte> Huge(long id)
    {
        _huge ??= HugeObjects();
        return _huge.TryGetValue(id, out var found)
            ? _space.Bytes(_place, found.Address, found.Length, "object of a fractal heap")
            : throw _space.Refuse(_place, $"its heap has no large object {id}.");
    }

    Dictionary<long, (long Address, long Length)> HugeObjects()
    {
        var objects = new Dictionary<long, (long Address, long Length)>();
        foreach (var record in BTree2.Records(_space, _place, _hugeIndex, HugeIndex, HugeRecordBytes))
        {
            var cursor = new ByteCursor(_space, _place, "index of large objects", record);
            var (address, length) = (cursor.Address(), cursor.Length());
            objects[cursor.Length()] = (address, length);
        }

        return objects;
    }
}
