using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests;

/// <summary>A model folder of its own for one test: made from given parts, or copied from a fixture and then spoiled.</summary>
public sealed class ModelFolder : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    public ModelFolder(string manifest, params (string Name, int[] Shape, float[] Values)[] tensors)
    {
        File.WriteAllText(ManifestPath, manifest);
        File.WriteAllBytes(WeightsPath, SafeTensorsBytes(tensors));
    }

    public ModelFolder(string fixture)
    {
        foreach (var file in Directory.EnumerateFiles(fixture))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        }
    }

    public string WeightsPath => Path.Combine(_folder.FullName, "model.safetensors");

    string ManifestPath => Path.Combine(_folder.FullName, "model.json");

    /// <summary>The bytes of a safetensors file with float32 tensors.</summary>
    public static byte[] SafeTensorsBytes(params (string Name, int[] Shape, float[] Values)[] tensors)
    {
        var offset = 0;
        var header = tensors.ToDictionary(
            tensor => tensor.Name,
            tensor => (object)new
            {
                dtype = "F32",
                shape = tensor.Shape,
                data_offsets = new[] { offset, offset += tensor.Values.Length * sizeof(float) },
            });
        return SafeTensorsBytes(JsonSerializer.Serialize(header), [.. tensors.SelectMany(tensor => MemoryMarshal.AsBytes<float>(tensor.Values).ToArray())]);
    }

    /// <summary>The bytes of a safetensors file with any header.</summary>
    public static byte[] SafeTensorsBytes(string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + text.Length);
        return bytes;
    }

    public void Edit(string old, string @new)
    {
        var text = File.ReadAllText(ManifestPath);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(ManifestPath, text.Replace(old, @new, StringComparison.Ordinal));
    }

    public RecurrentModel Load() => LoadAs(1);

    public RecurrentModel LoadAs(int version) => new ModelLoader().Load("test", version, new ModelSource(_folder.FullName));

    public void Dispose() => _folder.Delete(recursive: true);
}
