namespace Rnn.Engine.Formats.Hdf5;

/// <summary>How chunks cover a shape: rows of the grid come one after the other, and the last chunks may reach past the shape.</summary>
sealed class ChunkGrid
{
    const int MaxPadding = 8;
    const long FreePaddingBytes = 1 << 20;

    readonly long[] _shape;
    readonly long[] _chunk;
    readonly long[] _counts;
    readonly int _valueBytes;

    /// <summary>Checks the sizes; the values of the shape are counted already.</summary>
    public ChunkGrid(FileSpace space, Place place, long[] shape, ChunkedLayout layout, long valueBytes)
    {
        (_shape, _chunk, _valueBytes) = (shape, layout.Chunk, (int)valueBytes);
        if (layout.Chunk.Length != shape.Length || layout.ValueBytes != valueBytes)
        {
            throw space.Refuse(
                place, $"its chunks [{string.Join(", ", layout.Chunk)}] of {layout.ValueBytes} bytes a value do not fit the shape [{string.Join(", ", shape)}] of {valueBytes}.");
        }

        _counts = [.. shape.Zip(_chunk, (size, part) => (size - 1) / part + 1)];
        Int128 needed = valueBytes;
        Int128 bytes = valueBytes;
        Count = 1;
        for (var i = 0; i < shape.Length; i++)
        {
            needed *= shape[i];
            Count *= _counts[i];
            bytes = Int128.Min(bytes * _chunk[i], long.MaxValue);
        }

        if (bytes * Count > needed * MaxPadding + FreePaddingBytes)
        {
            throw space.Refuse(
                place, $"{Count} chunks of {bytes} bytes are too much for {needed} bytes of values; at most {MaxPadding} times as many are read.");
        }

        space.CountValues(place, bytes);
        ChunkBytes = (int)bytes;
    }

    /// <summary>The number of chunks.</summary>
    public long Count { get; }

    /// <summary>The length of a chunk before filters.</summary>
    public int ChunkBytes { get; }

    /// <summary>The number of a chunk by the position of its first value, or -1 if no chunk begins there.</summary>
    public long IndexOf(long[] position)
    {
        var index = 0L;
        for (var i = 0; i < _shape.Length; i++)
        {
            if (position[i] < 0 || position[i] >= _shape[i] || position[i] % _chunk[i] != 0)
            {
                return -1;
            }

            index = index * _counts[i] + position[i] / _chunk[i];
        }

        return index;
    }

    /// <summary>Copies what lies within the shape from a chunk to the values.</summary>
    public void Copy(long index, ReadOnlySpan<byte> chunk, Span<byte> values)
    {
        var start = new long[_shape.Length];
        for (var i = start.Length - 1; i >= 0; i--)
        {
            start[i] = index % _counts[i] * _chunk[i];
            index /= _counts[i];
        }

        Copy(0, start, 0, 0, chunk, values);
    }

    // One dimension after the other; both offsets are in values.
    void Copy(int dimension, long[] start, long from, long to, ReadOnlySpan<byte> chunk, Span<byte> values)
    {
        var length = Math.Min(_chunk[dimension], _shape[dimension] - start[dimension]);
        from *= _chunk[dimension];
        to = to * _shape[dimension] + start[dimension];
        if (dimension == _shape.Length - 1)
        {
            chunk.Slice((int)from * _valueBytes, (int)length * _valueBytes).CopyTo(values[((int)to * _valueBytes)..]);
            return;
        }

        for (var i = 0; i < length; i++)
        {
            Copy(dimension + 1, start, from + i, to + i, chunk, values);
        }
    }
}
