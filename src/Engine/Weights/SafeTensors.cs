using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Rnn.Engine.Weights;

/// <summary>
/// Reads safetensors: 8 bytes header length N (little-endian), N bytes of JSON that give each tensor's dtype, shape and
/// byte range, then the ranges, which must cover the rest of the file without hole or overlap.
/// Source: the format section of the safetensors documentation (Hugging Face).
/// </summary>
public static class SafeTensors
{
    const int LengthBytes = 8;
    const int MaxHeaderBytes = 16 << 20;
    const int MaxTensors = 10_000;

    /// <summary>Reads every tensor of <paramref name="bytes"/> as float32.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="EngineException">The file breaks a rule of the format; the message names the tensor.</exception>
    public static WeightSet Read(string file, ReadOnlyMemory<byte> bytes)
    {
        var headerLength = HeaderLength(file, bytes.Span);
        var data = bytes[(LengthBytes + headerLength)..];
        using var header = ParseHeader(file, bytes.Slice(LengthBytes, headerLength));

        var entries = header.RootElement.EnumerateObject()
            .Where(property => property.Name != "__metadata__")
            .Select(property => Entry.Parse(file, property, data.Length))
            .OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)
            .ToList();
        ExpectContiguous(file, entries, data.Length);

        return new WeightSet(file, entries.Select(entry => entry.Read(file, data.Span)));
    }

    static int HeaderLength(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < LengthBytes)
        {
            throw EngineException.Model($"{file}: {bytes.Length} bytes are too few for a safetensors file.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (length > MaxHeaderBytes)
        {
            throw EngineException.Model($"{file}: the header claims {length} bytes; at most {MaxHeaderBytes} are read.");
        }

        if (length > (ulong)(bytes.Length - LengthBytes))
        {
            throw EngineException.Model($"{file}: the header claims {length} bytes; {bytes.Length - LengthBytes} follow.");
        }

        return (int)length;
    }

    static JsonDocument ParseHeader(string file, ReadOnlyMemory<byte> header)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 4 });
        }
        catch (JsonException exception)
        {
            throw EngineException.Model($"{file}: the header is not the JSON of a safetensors file: {exception.Message}");
        }

        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || root.GetPropertyCount() > MaxTensors)
        {
            throw EngineException.Model($"{file}: the header must be one JSON object of at most {MaxTensors} tensors.");
        }

        return document;
    }

    static void ExpectContiguous(string file, List<Entry> entries, int dataLength)
    {
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
            {
                var fault = entry.Begin < end ? "overlaps the tensor before it" : "leaves a hole before it";
                throw EngineException.Model($"{file}: tensor '{entry.Name}' begins at byte {entry.Begin} and {fault}, which ends at {end}.");
            }

            end = entry.End;
        }

        if (end != dataLength)
        {
            throw EngineException.Model($"{file}: the tensors end at byte {end} of the data; the file has {dataLength}.");
        }
    }

    /// <summary>One tensor of the header: [Begin, End) is its byte range in the data.</summary>
    sealed record Entry(string Name, string Type, int[] Shape, long Begin, long End)
    {
        public static Entry Parse(string file, JsonProperty property, int dataLength)
        {
            var value = property.Value;
            if (value.ValueKind != JsonValueKind.Object
                || !value.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String
                || !value.TryGetProperty("shape", out var shape) || Integers(shape) is not { } sizes
                || !value.TryGetProperty("data_offsets", out var offsets) || Integers(offsets) is not [var begin, var end])
            {
                throw EngineException.Model(
                    $"{file}: tensor '{property.Name}' needs 'dtype', 'shape' and two 'data_offsets', all non-negative integers.");
            }

            if (begin > end || end > dataLength)
            {
                throw EngineException.Model(
                    $"{file}: tensor '{property.Name}' claims bytes {begin} to {end}; the data has {dataLength}.");
            }

            var entry = new Entry(property.Name, type.GetString()!, Dimensions(file, property.Name, sizes), begin, end);
            entry.ExpectLength(file);
            return entry;
        }

        public Tensor Read(string file, ReadOnlySpan<byte> data)
        {
            var bytes = data[(int)Begin..(int)End];
            var values = new float[bytes.Length / BytesPerValue(file)];
            switch (Type)
            {
                case "F32":
                    MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                    break;
                case "F16":
                    TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                    break;
                case "F64":
                    TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), values);
                    break;
                default:                                   // BF16: the upper half of a float32
                    var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                    for (var i = 0; i < values.Length; i++)
                    {
                        values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                    }

                    break;
            }

            if (values.Length > 0 && !TensorPrimitives.IsFiniteAll<float>(values))
            {
                throw EngineException.Model($"{file}: tensor '{Name}' holds a NaN or an infinity.");
            }

            return new Tensor(Name, Shape, values);
        }

        void ExpectLength(string file)
        {
            var bytes = Shape.Aggregate((Int128)BytesPerValue(file), (product, size) => product * size);
            if (bytes != End - Begin)
            {
                throw EngineException.Model(
                    $"{file}: tensor '{Name}' of shape [{string.Join(", ", Shape)}] and dtype {Type} needs {bytes} bytes; it has {End - Begin}.");
            }
        }

        int BytesPerValue(string file) => Type switch
        {
            "F16" or "BF16" => 2,
            "F32" => 4,
            "F64" => 8,
            _ => throw EngineException.Model(
                $"{file}: tensor '{Name}' has dtype '{Type}'; F64, F32, F16 and BF16 are read."),
        };

        static int[] Dimensions(string file, string name, long[] sizes)
        {
            const int MaxRank = 3;                         // the product of the shape stays within Int128
            if (sizes.Length > MaxRank || sizes.Any(size => size > int.MaxValue))
            {
                throw EngineException.Model(
                    $"{file}: tensor '{name}' has shape [{string.Join(", ", sizes.Take(MaxRank + 1))}]; at most {MaxRank} dimensions below 2^31 are read.");
            }

            return [.. sizes.Select(size => (int)size)];
        }

        static long[]? Integers(JsonElement element)
        {
            if (element.ValueKind != JsonValueKind.Array)
            {
                return null;
            }

            var values = new long[element.GetArrayLength()];
            for (var i = 0; i < values.Length; i++)
            {
                if (element[i].ValueKind != JsonValueKind.Number || !element[i].TryGetInt64(out values[i]) || values[i] < 0)
                {
                    return null;
                }
            }

            return values;
        }
    }
}
