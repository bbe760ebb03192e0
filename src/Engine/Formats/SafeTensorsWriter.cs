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
    public static void Write(Stream stream, IEnumerable<Tensor> tensors)
    {
        var ordered = tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        var header = Header(ordered);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in ordered)
        {
            stream.Write(MemoryMarshal.AsBytes<float>(tensor.Values));
        }
    }

    static byte[] Header(List<Tensor> tensors)
    {
        var entries = new JsonObject();
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
