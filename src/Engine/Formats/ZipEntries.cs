using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Formats;

/// <summary>
/// The entries of a zip archive that is not trusted: names that lead elsewhere, entries that are there twice, sizes that lie and
/// bombs are refused. All that is ever unpacked of one archive is at most 64 MiB or 100 times its size, and never above 512 MiB.
/// </summary>
sealed class ZipEntries
{
    const int MaxEntries = 10_000;
    const long AlwaysAllowed = 64L << 20;
    const long NeverAllowed = 512L << 20;
    const int MaxRatio = 100;
    const int MaxDeflateRatio = 1_032;                     // more than that deflate can't do: the directory lies

    readonly string _file;
    readonly ReadOnlyMemory<byte> _bytes;
    readonly Dictionary<string, int> _entries = new(StringComparer.Ordinal);
    long _unpacked;

    ZipEntries(string file, ReadOnlyMemory<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
    }

    /// <summary>The names of all entries.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Whether a file begins as a zip archive does.</summary>
    public static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\x03\x04"u8);

    /// <summary>Reads the directory of an archive.</summary>
    /// <exception cref="EngineException">It is damaged, or a name is not allowed.</exception>
    public static ZipEntries Read(string file, ReadOnlyMemory<byte> bytes)
    {
        var entries = new ZipEntries(file, bytes);
        entries.Open(archive =>
        {
            if (archive.Entries.Count > MaxEntries)
            {
                throw EngineException.Model($"{file}: the archive has {archive.Entries.Count} entries; at most {MaxEntries} are read.");
            }

            foreach (var (index, entry) in archive.Entries.Index())
            {
                var name = entry.FullName;
                if (name.StartsWith('/') || name.Contains(':', StringComparison.Ordinal) || name.Split('/', '\\').Contains(".."))
                {
                    throw EngineException.Model($"{file}: the archive's entry '{name}' leads out of it.");
                }

                if (!entries._entries.TryAdd(name, index))
                {
                    throw EngineException.Model($"{file}: the archive's entry '{name}' is there twice.");
                }
            }

            return 0;
        });
        return entries;
    }

    /// <summary>Whether there is an entry.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The content of an entry.</summary>
    /// <exception cref="EngineException">There is none, it is not what the directory says, or it is too large.</exception>
    public byte[] Bytes(string name)
    {
        if (!_entries.TryGetValue(name, out var index))
        {
            throw EngineException.Model($"{_file}: the archive has no entry '{name}'.");
        }

        return Open(archive => Unpack(archive.Entries[index]));
    }

    byte[] Unpack(ZipArchiveEntry entry)
    {
        var limit = Math.Min(NeverAllowed, Math.Max(AlwaysAllowed, _bytes.Length * (long)MaxRatio)) - _unpacked;
        if (entry.Length < 0 || entry.Length > limit || entry.CompressedLength > _bytes.Length || entry.Length / MaxDeflateRatio > entry.CompressedLength)
        {
            throw EngineException.Model(
                $"{_file}: the archive's entry '{entry.FullName}' claims {entry.Length} bytes from {entry.CompressedLength}; too many for an archive of {_bytes.Length}.");
        }

        _unpacked += entry.Length;
        var content = new byte[entry.Length];
        using var stream = entry.Open();
        if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < content.Length
            || stream.ReadByte() >= 0
            || Crc32.HashToUInt32(content) != entry.Crc32)
        {
            throw EngineException.Model($"{_file}: the archive's entry '{entry.FullName}' is not what its directory says: length or checksum differ.");
        }

        return content;
    }

    T Open<T>(Func<ZipArchive, T> read)
    {
        try
        {
            var array = MemoryMarshal.TryGetArray(_bytes, out var segment) ? segment : new ArraySegment<byte>(_bytes.ToArray());
            using var archive = new ZipArchive(new MemoryStream(array.Array!, array.Offset, array.Count, writable: false), ZipArchiveMode.Read);
            return read(archive);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw EngineException.Model($"{_file}: the zip archive is damaged: {exception.Message}");
        }
    }
}
