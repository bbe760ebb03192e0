using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Formats.Hdf5;

/// <summary>
/// What was done to each chunk before it was stored, and how it is undone. A chunk's length is known before it is decompressed,
/// and nothing longer is ever made of it. Source: section IV.A.2.l, versions 1 and 2.
/// </summary>
sealed class FilterPipeline
{
    const int Deflate = 1;
    const int Shuffle = 2;
    const int Fletcher32 = 3;
    const int ChecksumBytes = 4;
    const int MaxFilters = 32;

    readonly List<(int Id, long ValueBytes)> _filters = [];
    byte[] _inflated = [];
    byte[] _shuffled = [];

    /// <summary>Reads the message; null stands for no filters.</summary>
    public FilterPipeline(ByteCursor? cursor)
    {
        if (cursor is null)
        {
            return;
        }

        var version = cursor.ExpectVersion(1, 2);
        var count = cursor.Byte();
        if (count > MaxFilters)
        {
            throw cursor.Refuse($"has {count} filters; at most {MaxFilters} are read.");
        }

        cursor.Skip(version == 1 ? 6 : 0);
        for (var i = 0; i < count; i++)
        {
            var id = cursor.UInt16();
            var nameBytes = version == 1 || id >= 256 ? cursor.UInt16() : 0;
            cursor.Skip(2);
            var parameters = cursor.UInt16();
            cursor.Skip(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes);
            if (id is not (Deflate or Shuffle or Fletcher32) || _filters.Exists(filter => filter.Id == id))
            {
                throw cursor.Refuse($"has filter {id}{NameOf(id)}; deflate, shuffle and fletcher32 are read, each once.");
            }

            _filters.Add((id, parameters > 0 ? cursor.UInt32() : 1));
            cursor.Skip(4 * Math.Max(0, parameters - 1) + (version == 1 && parameters % 2 == 1 ? 4 : 0));
        }
    }

    public bool IsEmpty => _filters.Count == 0;

    /// <summary>Undoes the filters of a chunk.</summary>
    /// <param name="space">The file.</param>
    /// <param name="place">The dataset.</param>
    /// <param name="stored">The chunk as it is stored.</param>
    /// <param name="mask">The filters that were left out, one a bit.</param>
    /// <param name="chunk">Becomes the chunk; its length is what the chunk must have.</param>
    public void Decode(FileSpace space, Place place, ReadOnlyMemory<byte> stored, uint mask, byte[] chunk)
    {
        var bytes = stored;
        for (var i = _filters.Count - 1; i >= 0; i--)
        {
            if ((mask >> i & 1) != 0)
            {
                continue;
            }

            bytes = _filters[i].Id switch
            {
                Deflate => Inflate(space, place, bytes, chunk.Length + ChecksumsBefore(i, mask)),
                Shuffle when bytes.Length <= chunk.Length + ChecksumBytes => Unshuffle(bytes, _filters[i].ValueBytes),
                Shuffle => throw space.Refuse(place, $"a chunk has {bytes.Length} bytes; its shape needs {chunk.Length}."),
                _ => Checked(space, place, bytes),
            };
        }

        if (bytes.Length != chunk.Length)
        {
            throw space.Refuse(place, $"a chunk has {bytes.Length} bytes; its shape needs {chunk.Length}.");
        }

        bytes.Span.CopyTo(chunk);
    }

    static string NameOf(int id) => id switch
    {
        4 => " (szip)",
        5 => " (nbit)",
        6 => " (scale-offset)",
        32000 => " (lzf)",
        _ => "",
    };

    int ChecksumsBefore(int index, uint mask)
    {
        var checksum = _filters.FindIndex(filter => filter.Id == Fletcher32);
        return checksum >= 0 && checksum < index && (mask >> checksum & 1) == 0 ? ChecksumBytes : 0;
    }

    Memory<byte> Inflate(FileSpace space, Place place, ReadOnlyMemory<byte> stored, int length)
    {
        if (_inflated.Length != length)
        {
            _inflated = new byte[length];
        }

        var source = MemoryMarshal.TryGetArray(stored, out var array) ? array : new ArraySegment<byte>(stored.ToArray());
        try
        {
            using var stream = new ZLibStream(new MemoryStream(source.Array!, source.Offset, source.Count, writable: false), CompressionMode.Decompress);
            if (stream.ReadAtLeast(_inflated, length, throwOnEndOfStream: false) == length && stream.ReadByte() < 0)
            {
                return _inflated;
            }
        }
        catch (InvalidDataException)
        {
            // The refusal below says it.
        }

        throw space.Refuse(place, $"a compressed chunk does not hold exactly {length} bytes.");
    }

    // First all first bytes of the values, then all second ones, and so on; what is left over stays as it is.
    Memory<byte> Unshuffle(ReadOnlyMemory<byte> shuffled, long valueBytes)
    {
        var source = shuffled.Span;
        if (_shuffled.Length != source.Length)
        {
            _shuffled = new byte[source.Length];
        }

        var values = _shuffled;
        var width = (int)Math.Clamp(valueBytes, 1, Math.Max(1, source.Length));
        var count = source.Length / width;
        for (var part = 0; part < width; part++)
        {
            for (var i = 0; i < count; i++)
            {
                values[i * width + part] = source[part * count + i];
            }
        }

        source[(count * width)..].CopyTo(values.AsSpan(count * width));
        return values;
    }

    static ReadOnlyMemory<byte> Checked(FileSpace space, Place place, ReadOnlyMemory<byte> bytes) =>
        bytes.Length >= ChecksumBytes
        && Checksum.Fletcher32(bytes.Span[..^ChecksumBytes]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[^ChecksumBytes..])
            ? bytes[..^ChecksumBytes]
            : throw space.Refuse(place, "a chunk does not have the checksum that it was stored with.");
}
