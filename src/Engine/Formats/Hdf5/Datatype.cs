using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Hdf5;

/// <summary>The classes of types, by their numbers in a file.</summary>
enum DatatypeClass
{
    Integer,
    Float,
    Time,
    String,
    BitField,
    Opaque,
    Compound,
    Reference,
    Enumeration,
    VariableLength,
    Array,
}

/// <summary>What a value is. Source: section IV.A.2.d.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Float">Which float it is, or null if it is something else.</param>
/// <param name="Flags">What the class says besides.</param>
sealed record Datatype(DatatypeClass Class, long Bytes, FloatType? Float, int Flags)
{
    const int BigEndianFlag = 1;

    /// <summary>Whether a value is text, in place or in the global heap.</summary>
    public bool IsText => Class == DatatypeClass.String || IsVariableText;

    /// <summary>Whether a value is a reference to text in the global heap.</summary>
    public bool IsVariableText => Class == DatatypeClass.VariableLength && (Flags & 15) == 1 && Bytes == 16;

    /// <summary>How text of fixed length ends: 0 with a NUL, 1 padded with NULs, 2 padded with spaces.</summary>
    public int Padding => Flags & 15;

    public static Datatype Parse(ByteCursor cursor)
    {
        var kind = (DatatypeClass)(cursor.Byte() & 15);
        var flags = (int)cursor.Unsigned(3);
        var bytes = cursor.UInt32();
        return new Datatype(kind, bytes, kind == DatatypeClass.Float ? FloatOf(cursor, bytes, flags) : null, flags);
    }

    /// <summary>The type in words, for messages.</summary>
    public override string ToString() => Class == DatatypeClass.Float && (Flags & BigEndianFlag) != 0
        ? $"Float of {Bytes} bytes, big-endian"
        : $"{Class} of {Bytes} bytes";

    static FloatType? FloatOf(ByteCursor cursor, long bytes, int flags)
    {
        var (offset, precision) = (cursor.UInt16(), cursor.UInt16());
        var exponent = (At: cursor.Byte(), Bits: cursor.Byte());
        var fraction = (At: cursor.Byte(), Bits: cursor.Byte());
        var bias = cursor.UInt32();

        // The bits of a float16 are 1 + 5 + 10, with the sign on top and a leading 1 that is not stored; and so on.
        const int ImpliedOne = 2 << 4;
        const int OrderAndNorm = 0x71;
        var sign = flags >> 8 & 0xFF;
        if (offset != 0 || precision != 8 * bytes || sign != precision - 1 || (flags & OrderAndNorm) != ImpliedOne || exponent.At != fraction.Bits || fraction.At != 0)
        {
            return null;
        }

        return (bytes, exponent.Bits, fraction.Bits, bias) switch
        {
            (2, 5, 10, 15) => FloatType.Float16,
            (2, 8, 7, 127) => FloatType.Bfloat16,
            (4, 8, 23, 127) => FloatType.Float32,
            (8, 11, 52, 1023) => FloatType.Float64,
            _ => null,
        };
    }
}
