using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>A named array as it travels: little-endian bytes in row-major order, or strings of bytes. Its parts fit each other.</summary>
sealed class Tensor
{
    const int LengthBytes = sizeof(uint);

    Tensor(string name, Datatype datatype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> values, IReadOnlyList<ReadOnlyMemory<byte>> elements) =>
        (Name, Datatype, Shape, Values, Elements) = (name, datatype, shape, values, elements);

    public string Name { get; }

    public Datatype Datatype { get; }

    /// <summary>The length of each dimension, outermost first; none is negative.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements of all datatypes but BYTES.</summary>
    public ReadOnlyMemory<byte> Values { get; }

    /// <summary>The elements of BYTES.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Elements { get; }

    /// <summary>How many elements there are.</summary>
    public int Count => Datatype == Datatype.Bytes ? Elements.Count : Values.Length / Datatype.Size;

    /// <summary>A tensor of numbers, or of truth values of a byte each.</summary>
    /// <exception cref="EngineException">The bytes are not as many as the shape says.</exception>
    public static Tensor Of(string name, Datatype datatype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> values)
    {
        var size = Size(name, datatype, shape);
        return size == values.Length
            ? new(name, datatype, shape, values, [])
            : throw Unexpected(name, shape, $"{size} bytes of {datatype}", $"{values.Length}");
    }

    /// <summary>A tensor of strings of bytes.</summary>
    /// <exception cref="EngineException">They are not as many as the shape says.</exception>
    public static Tensor Of(string name, IReadOnlyList<long> shape, IReadOnlyList<ReadOnlyMemory<byte>> elements)
    {
        var count = CountOf(name, shape);
        return count == elements.Count
            ? new(name, Datatype.Bytes, shape, default, elements)
            : throw Unexpected(name, shape, $"{count} elements", $"{elements.Count}");
    }

    /// <summary>A tensor of texts.</summary>
    public static Tensor Of(string name, IReadOnlyList<long> shape, IEnumerable<string> texts) =>
        Of(name, shape, [.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))]);

    /// <summary>A tensor of floats.</summary>
    public static Tensor Of(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; !BitConverter.IsLittleEndian && i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
        }

        return Of(name, Datatype.Fp32, shape, bytes);
    }

    /// <summary>A tensor in its binary form: the bytes of its numbers; of BYTES, each element after its length in four bytes.</summary>
    /// <exception cref="EngineException">The bytes are not what the shape says.</exception>
    public static Tensor OfRaw(string name, Datatype datatype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> raw)
    {
        if (datatype != Datatype.Bytes)
        {
            return Of(name, datatype, shape, raw);
        }

        var count = CountOf(name, shape);
        var elements = new List<ReadOnlyMemory<byte>>();
        while (raw.Length > 0)
        {
            // As unsigned, so that a length of 2^31 or more is too long and not negative.
            if (raw.Length < LengthBytes
                || BinaryPrimitives.ReadUInt32LittleEndian(raw.Span) is var length && length > (uint)(raw.Length - LengthBytes))
            {
                throw EngineException.Input($"/{name}", $"unexpected end of input '{name}': element {elements.Count} of BYTES is longer than what is left of its {raw.Length} bytes.");
            }

            elements.Add(raw.Slice(LengthBytes, (int)length));
            raw = raw[(LengthBytes + (int)length)..];
            if (elements.Count > count)
            {
                break;
            }
        }

        return Of(name, shape, elements);
    }

    /// <summary>The binary form.</summary>
    public ReadOnlyMemory<byte> ToRaw()
    {
        if (Datatype != Datatype.Bytes)
        {
            return Values;
        }

        var raw = new byte[Elements.Sum(element => LengthBytes + element.Length)];
        var rest = raw.AsSpan();
        foreach (var element in Elements)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, element.Length);
            element.Span.CopyTo(rest[LengthBytes..]);
            rest = rest[(LengthBytes + element.Length)..];
        }

        return raw;
    }

    /// <summary>How many bytes the numbers of a shape take.</summary>
    /// <exception cref="EngineException">More than there can be, or a dimension is negative.</exception>
    public static int Size(string name, Datatype datatype, IReadOnlyList<long> shape) =>
        CountOf(name, shape) is var count && count <= int.MaxValue / datatype.Size
            ? (int)count * datatype.Size
            : throw TooMany(name, shape);

    /// <summary>How many elements a shape holds.</summary>
    /// <exception cref="EngineException">More than there can be, or a dimension is negative.</exception>
    public static long CountOf(string name, IReadOnlyList<long> shape)
    {
        const int MaxDimensions = 8;
        if (shape.Count > MaxDimensions)
        {
            throw EngineException.Input($"/{name}", $"'{name}' has {shape.Count} dimensions; at most {MaxDimensions} are taken.");
        }

        var count = 1L;
        foreach (var length in shape)
        {
            if (length < 0)
            {
                throw EngineException.Input($"/{name}", $"'{name}' has the shape {Text(shape)}; a dimension must be 0 or more.");
            }

            if (length > 0 && count > int.MaxValue / length)
            {
                throw TooMany(name, shape);
            }

            count *= length;
        }

        return count;
    }

    /// <summary>A shape as messages show it.</summary>
    public static string Text(IReadOnlyList<long> shape) => $"[{string.Join(',', shape)}]";

    static EngineException TooMany(string name, IReadOnlyList<long> shape) =>
        EngineException.Input($"/{name}", $"'{name}' has the shape {Text(shape)}, which is more than one request can hold.");

    static EngineException Unexpected(string name, IReadOnlyList<long> shape, string expected, string found) =>
        EngineException.Input($"/{name}", $"'{name}' has the shape {Text(shape)}, which takes {expected}; there are {found}.");
}
