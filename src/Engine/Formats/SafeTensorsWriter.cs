using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats;

/// <summary>Writes safetensors: float32, by name, one tensor after the other; the header is padded so that the numbers lie aligned.</summary>
public static class SafeTensorsWriter
{
    const int Alignment = 8;

    /// <summary>Writes tensors to a stream.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Their names differ.</param>
    /// <param name="metadata">What the file says beside them; null for nothing.</param>
    public static void Write(Stream stream, IEnumerable<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in ordered)
        {
            stream.Write(MemoryMarshal.AsBytes<float>(tensor.Values));
        }
    }

    static byte[] Header(List<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var entries = new JsonObject();
        if (metadata is not null)
        {
            entries.Add("__metadata__", new JsonObject(metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))));
        }

        var offset = 0L;
        foreach (var tensor in tensors)
        {
            var end = offset + tensor.Values.Length * (long)sizeof(float);
            entries.Add(tensor.Name, new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(offset, end),
            });
            offset = end;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(entries);
        var padding = (Alignment - json.Length % Alignment) % Alignment;
        return [.. json, .. Enumerable.Repeat((byte)' ', padding)];
    }
}
