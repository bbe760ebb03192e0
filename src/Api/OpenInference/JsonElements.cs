using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>The elements of a tensor as JSON, nested or flat, read straight into bytes.</summary>
static class JsonElements
{
    delegate bool Read(ref Utf8JsonReader reader, Span<byte> element);

    /// <summary>Reads the array that the reader stands at.</summary>
    /// <exception cref="EngineException">An element is not of the datatype, or they are not as many as the shape says.</exception>
    public static Tensor ReadTensor(ref Utf8JsonReader reader, string name, Datatype datatype, IReadOnlyList<long> shape)
    {
        if (datatype.IsBinaryOnly)
        {
            throw EngineException.Input($"/{name}", $"{datatype} of input '{name}' has no form in JSON; send it as binary data.");
        }

        if (datatype == Datatype.Bytes)
        {
            return Tensor.Of(name, shape, ReadTexts(ref reader, name));
        }

        var (read, size) = (ReaderOf(datatype), datatype.Size);
        var bytes = new ArrayBufferWriter<byte>();         // grows with what is there, whatever the shape says
        for (var depth = 0; IsInside(ref reader, name, ref depth);)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            {
                continue;
            }

            if (!read(ref reader, bytes.GetSpan(size)))
            {
                throw NotOf(name, datatype, bytes.WrittenCount / size);
            }

            bytes.Advance(size);
        }

        return Tensor.Of(name, datatype, shape, bytes.WrittenMemory);
    }

    /// <summary>Writes the elements as a flat array.</summary>
    public static void Write(Utf8JsonWriter writer, Tensor tensor)
    {
        writer.WriteStartArray();
        foreach (var element in tensor.Elements)
        {
            writer.WriteStringValue(element.Span);
        }

        var values = tensor.Values.Span;
        for (; values.Length > 0; values = values[tensor.Datatype.Size..])
        {
            if (tensor.Datatype == Datatype.Fp32)
            {
                writer.WriteNumberValue(BinaryPrimitives.ReadSingleLittleEndian(values));
            }
            else
            {
                writer.WriteNumberValue(values[0]);        // what is told is FP32, BYTES or the UINT8 of a state
            }
        }

        writer.WriteEndArray();
    }

    static List<ReadOnlyMemory<byte>> ReadTexts(ref Utf8JsonReader reader, string name)
    {
        var texts = new List<ReadOnlyMemory<byte>>();
        for (var depth = 0; IsInside(ref reader, name, ref depth);)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                var text = new byte[reader.ValueSpan.Length];
                texts.Add(text.AsMemory(0, reader.CopyString(text)));
            }
            else if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.EndArray))
            {
                throw NotOf(name, Datatype.Bytes, texts.Count);
            }
        }

        return texts;
    }

    /// <summary>Whether the reader, which moves on but for the first time, is still inside of the array.</summary>
    static bool IsInside(ref Utf8JsonReader reader, string name, ref int depth)
    {
        if (depth == 0 && reader.TokenType != JsonTokenType.StartArray)
        {
            throw EngineException.Input($"/{name}", $"data of input '{name}' must be an array");
        }

        if (depth > 0)
        {
            reader.Read();
        }

        depth += reader.TokenType switch { JsonTokenType.StartArray => 1, JsonTokenType.EndArray => -1, _ => 0 };
        return depth > 0;
    }

    static Read ReaderOf(Datatype datatype) => datatype.Name switch
    {
        "FP32" => ReadSingle,
        "FP64" => ReadDouble,
        "BOOL" => ReadFlag,
        "UINT64" => ReadUnsigned,
        "UINT8" => Whole(0, byte.MaxValue, 1),
        "UINT16" => Whole(0, ushort.MaxValue, 2),
        "UINT32" => Whole(0, uint.MaxValue, 4),
        "INT8" => Whole(sbyte.MinValue, sbyte.MaxValue, 1),
        "INT16" => Whole(short.MinValue, short.MaxValue, 2),
        "INT32" => Whole(int.MinValue, int.MaxValue, 4),
        _ => Whole(long.MinValue, long.MaxValue, 8),
    };

    static bool ReadSingle(ref Utf8JsonReader reader, Span<byte> element)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out var number) || !float.IsFinite(number))
        {
            return false;
        }

        BinaryPrimitives.WriteSingleLittleEndian(element, number);
        return true;
    }

    static bool ReadDouble(ref Utf8JsonReader reader, Span<byte> element)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            return false;
        }

        BinaryPrimitives.WriteDoubleLittleEndian(element, number);
        return true;
    }

    static bool ReadFlag(ref Utf8JsonReader reader, Span<byte> element)
    {
        element[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
    }

    static bool ReadUnsigned(ref Utf8JsonReader reader, Span<byte> element)
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt64(out var number))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(element, number);
        return true;
    }

    static Read Whole(long least, long most, int size) => (ref reader, element) =>
    {
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < least || number > most)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);      // of a number that fits, the lower bytes are it
        bytes[..size].CopyTo(element);
        return true;
    };

    static EngineException NotOf(string name, Datatype datatype, int index) =>
        EngineException.Input($"/{name}", $"element {index} of the data of input '{name}' is no {datatype}");
}
