using System.Runtime.InteropServices;
using System.Text;

namespace Rnn.Bench.Load;

/// <summary>Writes a safetensors file: the header's length, the header, then the values of each tensor.</summary>
static class Safetensors
{
    public static void Write(string path, params (string Name, int[] Shape, float[] Values)[] tensors)
    {
        var entries = new List<string>();
        var offset = 0L;
        foreach (var (name, shape, values) in tensors)
        {
            var end = offset + values.Length * sizeof(float);
            entries.Add($$"""
                "{{name}}":{"dtype":"F32","shape":[{{string.Join(',', shape)}}],"data_offsets":[{{offset}},{{end}}]}
                """);
            offset = end;
        }

        var header = Encoding.UTF8.GetBytes($"{{{string.Join(',', entries)}}}");
        using var file = new BinaryWriter(File.Create(path));
        file.Write((long)header.Length);
        file.Write(header);
        foreach (var (_, _, values) in tensors)
        {
            file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }
}
