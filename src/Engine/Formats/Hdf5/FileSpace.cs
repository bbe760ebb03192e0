namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// The bytes of a file, and how much may be made of them. The structures of a file written by the HDF5 library never overlap, so
/// reading all of it once takes about as many bytes as it has; a file whose parts point at the same bytes again and again, which
/// may be without end, is refused at four times that, or at 1 MiB if that is more.
/// </summary>
sealed class FileSpace
{
    /// <summary>The address of what was not stored.</summary>
    public const long Undefined = -1;

    const int MaxReads = 4;
    const long MinBytesRead = 1 << 20;
    const int MaxObjects = 100_000;
    const int MaxRatio = 1000;
    const long MinValueBytes = 64L << 20;
    const long MaxValueBytes = 512L << 20;

    readonly string _file;
    readonly ReadOnlyMemory<byte> _bytes;
    readonly long _maxBytesRead;
    readonly long _maxValueBytes;
    long _bytesRead;
    long _valueBytes;
    long _objects;

    public FileSpace(string file, ReadOnlyMemory<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
        _maxBytesRead = Math.Max(MaxReads * (long)bytes.Length, MinBytesRead);
        _maxValueBytes = Math.Clamp(MaxRatio * (long)bytes.Length, MinValueBytes, MaxValueBytes);
        Heap = new GlobalHeap(this);
    }

    /// <summary>The strings of variable length.</summary>
    public GlobalHeap Heap { get; }

    /// <summary>The bytes of a range that lies in the file; they count as read.</summary>
    /// <param name="place">The object that names the range, for messages.</param>
    /// <param name="address">The first byte, as the file claims it.</param>
    /// <param name="length">How many bytes, as the file claims it.</param>
    /// <param name="what">What lies there, for messages.</param>
    public ReadOnlyMemory<byte> Bytes(Place place, long address, long length, string what)
    {
        if (address < 0 || length < 0 || address > _bytes.Length || length > _bytes.Length - address)
        {
            throw Refuse(place, $"the {what} claims {length} bytes at {address}; the file has {_bytes.Length}.");
        }

        Spend(place, length);
        return _bytes.Slice((int)address, (int)length);
    }

    /// <summary>Counts bytes that were in hand already and are read for another purpose.</summary>
    public void Spend(Place place, long length)
    {
        _bytesRead += length;
        if (_bytesRead > _maxBytesRead)
        {
            throw Refuse(place, $"more than {_maxBytesRead} bytes were read so far of a file of {_bytes.Length}: its parts overlap, or lead back to each other.");
        }
    }

    /// <summary>A structure, to be read from its first byte; <paramref name="what"/> names it.</summary>
    public ByteCursor Structure(Place place, long address, long length, string what) =>
        new(this, place, what, Bytes(place, address, length, what));

    /// <summary>Counts links, attributes and chunks.</summary>
    public void CountObjects(Place place, long count)
    {
        _objects += count;
        if (_objects > MaxObjects)
        {
            throw Refuse(place, $"more than {MaxObjects} links, attributes and chunks were found so far; a model has fewer.");
        }
    }

    /// <summary>
    /// Counts the bytes of values before they are allocated. Together they may be 1,000 times the file, which is what the best
    /// compression of zeros reaches, and never above 512 MiB; a small file may have 64 MiB.
    /// </summary>
    public void CountValues(Place place, Int128 bytes)
    {
        if (bytes > _maxValueBytes - _valueBytes)
        {
            throw Refuse(place, $"{bytes} bytes of values are needed here; of {_maxValueBytes} for this file of {_bytes.Length} bytes, {_maxValueBytes - _valueBytes} are left.");
        }

        _valueBytes += (long)bytes;
    }

    /// <summary>The refusal of an object; <paramref name="message"/> is a sentence about it.</summary>
    public EngineException Refuse(Place place, string message) => EngineException.Model($"{_file}: '{place.Path}': {message}");
}
