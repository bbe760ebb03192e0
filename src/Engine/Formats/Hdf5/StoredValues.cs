namespace Rnn.Engine.Formats.Hdf5;

/// <summary>Gets the bytes of all values of a dataset, wherever in the file they lie.</summary>
static class StoredValues
{
    const int FillIsDefined = 0x20;

    /// <summary>The values one after the other. Those that were never written are zeros.</summary>
    /// <param name="space">The file.</param>
    /// <param name="place">The dataset.</param>
    /// <param name="header">Its header.</param>
    /// <param name="layout">How its values are stored.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="type">The type of a value.</param>
    public static ReadOnlyMemory<byte> Read(
        FileSpace space, Place place, ObjectHeader header, DataLayout layout, Dataspace shape, Datatype type)
    {
        var needed = Int128.Min(shape.Count, long.MaxValue) * type.Bytes;
        space.CountValues(place, needed);
        if (needed == 0)
        {
            return default;
        }

        return layout switch
        {
            CompactLayout compact => Exactly(compact.Values.Length, compact.Values),
            ContiguousLayout { Address: FileSpace.Undefined } => Unwritten(space, place, header, (int)needed),
            ContiguousLayout contiguous => Exactly(contiguous.Length, space.Bytes(place, contiguous.Address, contiguous.Length, "values")),
            ChunkedLayout chunked => InChunks(space, place, header, chunked, shape, type, (int)needed),
            _ => throw space.Refuse(place, "its layout is not read."),
        };

        ReadOnlyMemory<byte> Exactly(long length, ReadOnlyMemory<byte> values) => length == needed
            ? values
            : throw space.Refuse(place, $"its shape [{string.Join(", ", shape.Shape)}] of {type} needs {needed} bytes; it has {length}.");
    }

    static byte[] InChunks(
        FileSpace space, Place place, ObjectHeader header, ChunkedLayout layout, Dataspace shape, Datatype type, int needed)
    {
        var filters = new FilterPipeline(header.Find(MessageType.Filters));
        if (layout.Index != ChunkIndexKind.Tree && (shape.CanGrow || (layout.EdgesUnfiltered && !filters.IsEmpty)))
        {
            throw space.Refuse(place, "it may grow, or has chunks of both kinds, with filters and without; neither is read in this layout.");
        }

        var grid = new ChunkGrid(space, place, shape.Shape, layout, type.Bytes);
        var values = new byte[needed];
        var chunk = new byte[grid.ChunkBytes];
        var written = 0L;
        foreach (var stored in ChunkIndex.Chunks(space, place, layout, grid, !filters.IsEmpty))
        {
            filters.Decode(space, place, stored.Stored, stored.Mask, chunk);
            grid.Copy(stored.Index, chunk, values);
            written++;
        }

        if (written < grid.Count)
        {
            ExpectZeroFill(space, place, header);
        }

        return values;
    }

    static byte[] Unwritten(FileSpace space, Place place, ObjectHeader header, int needed)
    {
        ExpectZeroFill(space, place, header);
        return new byte[needed];
    }

    static void ExpectZeroFill(FileSpace space, Place place, ObjectHeader header)
    {
        if (header.Find(MessageType.FillValue) is not { } fill)
        {
            return;
        }

        var version = fill.ExpectVersion(1, 3);
        var flags = fill.Byte();
        fill.Skip(version == 3 ? 0 : 1);
        var isDefined = version == 3 ? (flags & FillIsDefined) != 0 : fill.Byte() != 0;
        if (isDefined && fill.Left >= 4 && fill.Take(fill.UInt32()).Span.ContainsAnyExcept((byte)0))
        {
            throw space.Refuse(place, "values were not written, and stand for a number other than zero, which is not read.");
        }
    }
}
