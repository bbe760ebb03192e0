namespace Rnn.Engine.Formats.Hdf5;

/// <summary>The collections that strings of variable length lie in. Source: section III.E.</summary>
/// <param name="space">The file.</param>
sealed class GlobalHeap(FileSpace space)
{
    const int HeadBytes = 16;

    readonly Dictionary<long, Dictionary<int, ReadOnlyMemory<byte>>> _collections = [];

    /// <summary>One object of a collection.</summary>
    /// <param name="place">Whose string it is, for messages.</param>
    /// <param name="address">The collection.</param>
    /// <param name="index">The object's number in it.</param>
    public ReadOnlyMemory<byte> Object(Place place, long address, long index)
    {
        if (!_collections.TryGetValue(address, out var objects))
        {
            _collections[address] = objects = Collection(place, address);
        }

        return index <= ushort.MaxValue && objects.TryGetValue((int)index, out var bytes)
            ? bytes
            : throw space.Refuse(place, $"the global heap at {address} has no object {index}.");
    }

    Dictionary<int, ReadOnlyMemory<byte>> Collection(Place place, long address)
    {
        var head = space.Structure(place, address, HeadBytes, "global heap");
        head.ExpectSignature("GCOL"u8);
        head.ExpectVersion(1, 1);
        head.Skip(3);
        var cursor = space.Structure(place, address + HeadBytes, head.Length() - HeadBytes, "global heap");
        var objects = new Dictionary<int, ReadOnlyMemory<byte>>();
        while (cursor.Left >= HeadBytes)
        {
            var index = cursor.UInt16();
            cursor.Skip(6);
            if (index == 0)
            {
                // The space that is left.
                break;
            }

            objects[index] = cursor.Take(cursor.Length());
            cursor.Align();
        }

        return objects;
    }
}
