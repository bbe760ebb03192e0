using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Rnn.Api.Tests.Faults;

/// <summary>
/// Models whose arithmetic is exact, so that an output shows every input that led to it: none may be lost, doubled, out of its
/// place, or another session's.
/// <code>
/// counting:  h1' = relu(h1 + 1)              how many inputs
///            h2' = relu(h2 + x)              their sum
///            h3' = relu(h3 + h2 + x)         the sum of the sums, which tells their order
///            y   = h'
/// climbing:  h'  = relu(h + 1),  y = h'      which generates 1, 2, 3...
/// </code>
/// </summary>
sealed class CountingModel : IDisposable
{
    public const string Counting = "counting";
    public const string Climbing = "climbing";

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-models-");

    public CountingModel()
    {
        Write(Counting, "\"count\", \"sum\", \"order\"", 3, [0, 1, 1], [1, 0, 0, 0, 1, 0, 0, 1, 1], [1, 0, 0]);
        Write(Climbing, "\"x\"", 1, [0], [1], [1]);
    }

    /// <summary>The folder of the models.</summary>
    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    void Write(string name, string outputs, int hidden, float[] wIh, float[] wHh, float[] bias)
    {
        var model = _folder.CreateSubdirectory(name);
        File.WriteAllText(System.IO.Path.Combine(model.FullName, "model.json"), $$"""
            {
              "format": 1,
              "input": { "kind": "features", "features": [{ "name": "x" }] },
              "layers": [{ "kind": "elman", "name": "layer", "hiddenSize": {{hidden}}, "activation": "relu" }],
              "output": { "kind": "values", "values": [{{string.Join(", ", outputs.Split(", ").Select(output => $"{{ \"name\": {output} }}"))}}] }
            }
            """);
        File.WriteAllBytes(
            System.IO.Path.Combine(model.FullName, "model.safetensors"),
            SafeTensors(
                ("layer.weight_ih_l0", [hidden, 1], wIh),
                ("layer.weight_hh_l0", [hidden, hidden], wHh),
                ("layer.bias_ih_l0", [hidden], bias),
                ("layer.bias_hh_l0", [hidden], new float[hidden])));
    }

    /// <summary>The bytes of a weights file.</summary>
    internal static byte[] SafeTensors(params (string Name, int[] Shape, float[] Values)[] tensors)
    {
        var offset = 0;
        var header = JsonSerializer.SerializeToUtf8Bytes(tensors.ToDictionary(
            tensor => tensor.Name,
            tensor => new
            {
                dtype = "F32",
                shape = tensor.Shape,
                data_offsets = new[] { offset, offset += tensor.Values.Length * sizeof(float) },
            }));
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. tensors.SelectMany(tensor => MemoryMarshal.AsBytes<float>(tensor.Values).ToArray())];
    }
}
