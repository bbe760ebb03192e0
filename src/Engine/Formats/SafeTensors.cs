using System.Buffers.Binary;
using System.Text.Json;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats;

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

    /// <summary>Whether a file begins as safetensors does: a length, and JSON.</summary>
    public static bool Is(ReadOnlySpan<byte> bytes) => bytes.Length > LengthBytes && bytes[LengthBytes] == '{';

    /// <summary>Reads a file; its layers are told by its tensors' names and shapes, as far as they tell.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="EngineException">The file breaks a rule of the format; the message names the tensor.</exception>
    public static ModelFile Read(string file, ReadOnlyMemory<byte> bytes) => StateDict.Describe("safetensors", ReadTensors(file, bytes));

    internal static IReadOnlyList<Tensor> ReadTensors(string file, ReadOnlyMemory<byte> bytes)
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

        return [.. entries.Select(entry => entry.Read(file, data.Span))];
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
        var document = UntrustedJson.Parse(file, "the header", header, new() { AllowDuplicateProperties = false, MaxDepth = 4 });
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
    sealed record Entry(string Name, string Type, long[] Shape, long Begin, long End)
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

            var entry = new Entry(property.Name, type.GetString()!, sizes, begin, end);
            Tensor.Expect(file, entry.Name, sizes, entry.TypeOf(file), end - begin);
            return entry;
        }

        public Tensor Read(string file, ReadOnlySpan<byte> data) =>
            Tensor.Read(file, Name, Shape, TypeOf(file), data[(int)Begin..(int)End]);

        FloatType TypeOf(string file) => Type switch
        {
            "F16" => FloatType.Float16,
            "BF16" => FloatType.Bfloat16,
            "F32" => FloatType.Float32,
            "F64" => FloatType.Float64,
            _ => throw EngineException.Model($"{file}: tensor '{Name}' has dtype '{Type}'; F64, F32, F16 and BF16 are read."),
        };

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
