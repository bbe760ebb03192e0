namespace Rnn.Engine.Formats.Hdf5;

/// <summary>A chunk as it is stored.</summary>
/// <param name="Index">Its number in the grid.</param>
/// <param name="Stored">Its bytes.</param>
/// <param name="Mask">The filters that were left out, one a bit.</param>
readonly record struct Chunk(long Index, ReadOnlyMemory<byte> Stored, uint Mask);

/// <summary>Finds the chunks of a dataset. Source: sections III.A.1 (tree), IV.A.2.i (layout), VII.C (fixed array).</summary>
static class ChunkIndex
{
    const int TreeKeyBytes = 8;
    const int ChecksumBytes = 4;

    /// <summary>The chunks that were written, each at most once.</summary>
    public static IEnumerable<Chunk> Chunks(FileSpace space, Place place, ChunkedLayout layout, ChunkGrid grid, bool isFiltered) => layout.Index switch
    {
        ChunkIndexKind.Tree => InTree(space, place, layout, grid),
        _ when layout.Address == FileSpace.Undefined => [],
        ChunkIndexKind.FixedArray => InFixedArray(space, place, layout.Address, grid, isFiltered),
        ChunkIndexKind.Single when grid.Count == 1 =>
            [new Chunk(0, space.Bytes(place, layout.Address, isFiltered ? layout.SingleBytes : grid.ChunkBytes, "chunk"), layout.SingleMask)],
        ChunkIndexKind.Implicit when !isFiltered => OneAfterTheOther(space, place, layout.Address, grid),
        _ => throw space.Refuse(place, $"its {grid.Count} chunks can't be found by the index {layout.Index}."),
    };

    static IEnumerable<Chunk> InTree(FileSpace space, Place place, ChunkedLayout layout, ChunkGrid grid)
    {
        var rank = layout.Chunk.Length;
        var last = -1L;
        foreach (var leaf in BTree1.Leaves(space, place, layout.Address, BTree1.Chunks, TreeKeyBytes + 8 * (rank + 1)))
        {
            space.CountObjects(place, 1);
            var key = new ByteCursor(space, place, "key of a chunk", leaf.Key);
            var (bytes, mask) = (key.UInt32(), key.UInt32());
            var position = new long[rank];
            for (var i = 0; i < rank; i++)
            {
                position[i] = key.Address();
            }

            var index = grid.IndexOf(position);
            if (index <= last)
            {
                throw key.Refuse($"says that one begins at [{string.Join(", ", position)}], which is not the grid's next.");
            }

            last = index;
            yield return new Chunk(index, space.Bytes(place, leaf.Address, bytes, "chunk"), mask);
        }
    }

    static IEnumerable<Chunk> OneAfterTheOther(FileSpace space, Place place, long address, ChunkGrid grid)
    {
        space.CountObjects(place, grid.Count);
        var all = space.Bytes(place, address, grid.Count * grid.ChunkBytes, "chunks");
        for (var i = 0; i < grid.Count; i++)
        {
            yield return new Chunk(i, all.Slice(i * grid.ChunkBytes, grid.ChunkBytes), 0);
        }
    }

    static IEnumerable<Chunk> InFixedArray(FileSpace space, Place place, long address, ChunkGrid grid, bool isFiltered)
    {
        space.CountObjects(place, grid.Count);
        var head = space.Structure(place, address, 24, "fixed array");
        head.ExpectSignature("FAHD"u8);
        head.ExpectVersion(0, 0);
        var (kind, entryBytes, pageBits, count, block) = (head.Byte(), head.Byte(), head.Byte(), head.Length(), head.Address());
        var sizeBytes = isFiltered ? entryBytes - 12 : 0;
        if (kind != (isFiltered ? 1 : 0) || entryBytes < 8 || sizeBytes is < 0 or > 8 || (!isFiltered && entryBytes != 8) || count != grid.Count || pageBits > 30)
        {
            throw head.Refuse($"has {count} entries of {entryBytes} bytes and kind {kind}, which do not fit the {grid.Count} chunks.");
        }

        if (block == FileSpace.Undefined)
        {
            yield break;
        }

        // Many entries come in pages, of which those with a bit in the map were written; each ends with a checksum.
        var pageCount = 1L << pageBits;
        var isPaged = count > pageCount;
        var mapBytes = isPaged ? ((count - 1) / pageCount + 8) / 8 : 0;
        var start = space.Structure(place, block, 14 + mapBytes, "fixed array");
        start.ExpectSignature("FADB"u8);
        start.Skip(10);
        var map = start.Take(mapBytes);
        var first = block + 14 + mapBytes + (isPaged ? ChecksumBytes : 0);
        for (var i = 0L; i < count; i++)
        {
            var page = isPaged ? i / pageCount : 0;
            if (isPaged && (map.Span[(int)(page / 8)] & 0x80 >> (int)(page % 8)) == 0)
            {
                continue;
            }

            var entry = space.Structure(place, first + i * entryBytes + page * ChecksumBytes, entryBytes, "fixed array");
            var chunk = entry.Address();
            if (chunk != FileSpace.Undefined)
            {
                var bytes = isFiltered ? entry.Unsigned(sizeBytes) : grid.ChunkBytes;
                yield return new Chunk(i, space.Bytes(place, chunk, bytes, "chunk"), isFiltered ? entry.UInt32() : 0);
            }
        }
    }
}
