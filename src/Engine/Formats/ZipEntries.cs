using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Formats;

/// <summary>
/// The entries of a zip archive that is not trusted: names that lead elsewhere, entries that are there twice, sizes that lie and
/// bombs are refused. All that is ever unpacked of one archive is at most 64 MiB or 100 times its size, and never above 512 MiB.
/// </summary>
sealed class ZipEntries : IDisposable
{
    const int MaxEntries = 10_000;
    const long AlwaysAllowed = 64L << 20;
    const long NeverAllowed = 512L << 20;
    const int MaxRatio = 100;
    const int MaxDeflateRatio = 1_032;                     // more than that deflate can't do: the directory lies

    readonly string _file;
    readonly int _length;
    readonly ZipArchive _archive;
    readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    long _unpacked;

    ZipEntries(string file, ReadOnlyMemory<byte> bytes)
    {
        var array = MemoryMarshal.TryGetArray(bytes, out var segment) ? segment : new ArraySegment<byte>(bytes.ToArray());
        _file = file;
        _length = bytes.Length;
        _archive = new ZipArchive(new MemoryStream(array.Array!, array.Offset, array.Count, writable: false), ZipArchiveMode.Read);
        foreach (var entry in Checked())
        {
            _entries.Add(entry.FullName, entry);
        }
    }

    /// <summary>The names of all entries.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Whether a file begins as a zip archive does.</summary>
    public static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\x03\x04"u8);

    /// <summary>Reads the directory of an archive.</summary>
    /// <exception cref="EngineException">It is damaged, or a name is not allowed.</exception>
    public static ZipEntries Read(string file, ReadOnlyMemory<byte> bytes) => Guarded(file, () => new ZipEntries(file, bytes));

    /// <summary>Whether there is an entry.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The content of an entry.</summary>
    /// <exception cref="EngineException">There is none, it is not what the directory says, or it is too large.</exception>
    public byte[] Bytes(string name)
    {
        return _entries.TryGetValue(name, out var entry)
            ? Guarded(_file, () => Unpack(entry))
            : throw EngineException.Model($"{_file}: the archive has no entry '{name}'.");
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>The entries of the directory, none of which leads out of the archive or is there twice.</summary>
    IEnumerable<ZipArchiveEntry> Checked()
    {
        if (_archive.Entries.Count > MaxEntries)
        {
            throw EngineException.Model($"{_file}: the archive has {_archive.Entries.Count} entries; at most {MaxEntries} are read.");
        }

        foreach (var entry in _archive.Entries)
        {
            var name = entry.FullName;
            if (name.StartsWith('/') || name.Contains(':', StringComparison.Ordinal) || name.Split('/', '\\').Contains(".."))
            {
                throw EngineException.Model($"{_file}: the archive's entry '{name}' leads out of it.");
            }

            yield return _entries.ContainsKey(name) ? throw EngineException.Model($"{_file}: the archive's entry '{name}' is there twice.") : entry;
        }
    }

    byte[] Unpack(ZipArchiveEntry entry)
    {
        var limit = Math.Min(NeverAllowed, Math.Max(AlwaysAllowed, _length * (long)MaxRatio)) - _unpacked;
        if (entry.Length < 0 || entry.Length > limit || entry.CompressedLength > _length || entry.Length / MaxDeflateRatio > entry.CompressedLength)
        {
            throw EngineException.Model(
                $"{_file}: the archive's entry '{entry.FullName}' claims {entry.Length} bytes from {entry.CompressedLength}; too many for an archive of {_length}.");
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

    static T Guarded<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw EngineException.Model($"{file}: the zip archive is damaged: {exception.Message}");
        }
    }
}
