namespace Rnn.Engine.Formats.Hdf5;

/// <summary>How the chunks of a dataset are found.</summary>
enum ChunkIndexKind
{
    /// <summary>A B-tree of version 1.</summary>
    Tree,

    /// <summary>There is one chunk.</summary>
    Single,

    /// <summary>All chunks lie one after the other.</summary>
    Implicit,

    /// <summary>An array of addresses.</summary>
    FixedArray,
}

/// <summary>Values in blocks of equal shape, each of which may be compressed.</summary>
/// <param name="Chunk">The shape of a chunk.</param>
/// <param name="ValueBytes">The length of a value, as the layout claims it.</param>
/// <param name="Index">How the chunks are found.</param>
/// <param name="Address">Where the index, or the chunk, is; <see cref="FileSpace.Undefined"/> if nothing was written.</param>
/// <param name="SingleBytes">The length of a single chunk if it is filtered, else 0.</param>
/// <param name="SingleMask">The filters that were left out for a single chunk, one a bit.</param>
/// <param name="EdgesUnfiltered">Whether chunks that reach past the shape are stored without filters.</param>
sealed record ChunkedLayout(
    long[] Chunk, long ValueBytes, ChunkIndexKind Index, long Address, long SingleBytes, uint SingleMask, bool EdgesUnfiltered) : DataLayout
{
    const int EdgesUnfilteredFlag = 1;
    const int FilteredFlag = 2;
    const int MaxRank = 32;

    public static ChunkedLayout Parse(ByteCursor cursor, int version) => version == 3 ? ParseVersion3(cursor) : ParseVersion4(cursor);

    static ChunkedLayout ParseVersion3(ByteCursor cursor)
    {
        var rank = Rank(cursor);
        var address = cursor.Address();
        var chunk = Sizes(cursor, rank, 4);
        return new ChunkedLayout(chunk, cursor.UInt32(), ChunkIndexKind.Tree, address, 0, 0, EdgesUnfiltered: false);
    }

    static ChunkedLayout ParseVersion4(ByteCursor cursor)
    {
        var flags = cursor.Byte();
        var rank = Rank(cursor);
        var sizeBytes = cursor.Byte();
        if (sizeBytes is 0 or > 8)
        {
            throw cursor.Refuse($"gives the shape of a chunk in {sizeBytes} bytes a dimension; 1 to 8 are read.");
        }

        var chunk = Sizes(cursor, rank, sizeBytes);
        var valueBytes = cursor.Unsigned(sizeBytes);
        var (singleBytes, singleMask) = (0L, 0u);
        var index = cursor.Byte();
        switch (index)
        {
            case 1 when (flags & FilteredFlag) != 0:
                (singleBytes, singleMask) = (cursor.Length(), cursor.UInt32());
                break;
            case 3:
                cursor.Skip(1);
                break;
            case 1 or 2:
                break;
            default:
                throw cursor.Refuse($"finds its chunks by index {index}, for datasets that may grow; 1 (single), 2 (implicit) and 3 (fixed array) are read.");
        }

        return new ChunkedLayout(
            chunk, valueBytes, (ChunkIndexKind)index, cursor.Address(), singleBytes, singleMask, (flags & EdgesUnfilteredFlag) != 0);
    }

    // A value's length counts as one more dimension.
    static int Rank(ByteCursor cursor)
    {
        var dimensions = cursor.Byte();
        return dimensions is > 1 and <= MaxRank + 1
            ? dimensions - 1
            : throw cursor.Refuse($"has chunks of {dimensions} dimensions; 2 to {MaxRank + 1} are read.");
    }

    static long[] Sizes(ByteCursor cursor, int rank, int width)
    {
        var sizes = new long[rank];
        for (var i = 0; i < rank; i++)
        {
            sizes[i] = cursor.Unsigned(width);
        }

        return sizes.Contains(0) ? throw cursor.Refuse("has chunks without values.") : sizes;
    }
}
