using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Rnn.Engine.Formats.Hdf5;

/// <summary>Reads one structure from front to back, little-endian. What would lie past its end is refused.</summary>
/// <param name="space">The file.</param>
/// <param name="place">The object that the structure belongs to.</param>
/// <param name="what">The structure's name, for messages.</param>
/// <param name="bytes">The structure.</param>
sealed class ByteCursor(FileSpace space, Place place, string what, ReadOnlyMemory<byte> bytes)
{
    int _at;

    public int Left => bytes.Length - _at;

    public byte Byte() => Take(1).Span[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    /// <summary>An unsigned integer of 1 to 8 bytes below 2^63.</summary>
    public long Unsigned(int width)
    {
        var value = 0UL;
        var integer = Take(width).Span;
        for (var i = width - 1; i >= 0; i--)
        {
            value = (value << 8) | integer[i];
        }

        return value <= long.MaxValue ? (long)value : throw Refuse($"holds {value}, which is too large for a length.");
    }

    /// <summary>A length or count of 8 bytes below 2^63.</summary>
    public long Length() => Unsigned(8);

    /// <summary>An address of 8 bytes, or <see cref="FileSpace.Undefined"/>. An address past 2^63 comes out negative: no range is there.</summary>
    public long Address() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > Left)
        {
            throw Refuse($"ends after {bytes.Length} bytes; {count} more are needed at byte {_at}.");
        }

        var taken = bytes.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    public void Skip(long count) => Take(count);

    /// <summary>Skips to the next multiple of 8 bytes, or to the end.</summary>
    public void Align() => Skip(Math.Min((8 - _at % 8) % 8, Left));

    /// <summary>The four letters that a structure begins with.</summary>
    public void ExpectSignature(ReadOnlySpan<byte> signature)
    {
        if (!Take(signature.Length).Span.SequenceEqual(signature))
        {
            throw Refuse($"begins without its signature '{Encoding.ASCII.GetString(signature)}'.");
        }
    }

    public int ExpectVersion(int first, int last)
    {
        var version = Byte();
        return version >= first && version <= last
            ? version
            : throw Refuse($"has version {version}; {(first == last ? $"version {first} is" : $"versions {first} to {last} are")} read.");
    }

    public string Text(ReadOnlyMemory<byte> text) =>
        Utf8.IsValid(text.Span) ? Encoding.UTF8.GetString(text.Span) : throw Refuse("holds text that is not UTF-8.");

    /// <summary>The refusal of this structure; <paramref name="message"/> follows its name.</summary>
    public EngineException Refuse(string message) => space.Refuse(place, $"the {what} {message}");
}
