using System.Text.Json;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats;

/// <summary>
/// Reads safetensors in several files by their index, <c>model.safetensors.index.json</c>: an object <c>weight_map</c> that names the
/// file of each tensor.
/// </summary>
public static class ShardedSafeTensors
{
    /// <summary>Reads every tensor that the index names.</summary>
    /// <param name="file">The index file's name, for messages.</param>
    /// <param name="index">Its content.</param>
    /// <param name="sibling">Gives the content of a file beside it; null if there is none.</param>
    /// <exception cref="EngineException">The index or a file breaks a rule, or they don't name the same tensors.</exception>
    public static ModelFile Read(string file, ReadOnlyMemory<byte> index, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        var tensors = new List<Tensor>();
        foreach (var shard in Map(file, index).GroupBy(entry => entry.Shard, StringComparer.Ordinal))
        {
            var expected = shard.Select(entry => entry.Tensor).ToHashSet(StringComparer.Ordinal);
            var bytes = sibling(shard.Key) ?? throw EngineException.Model($"{file}: it names '{shard.Key}'; there is no such file beside it.");
            var present = SafeTensors.ReadTensors(shard.Key, bytes);
            if (!expected.SetEquals(present.Select(tensor => tensor.Name)))
            {
                throw EngineException.Model($"{file}: it says that {shard.Key} holds {expected.Count} tensors; the file's {present.Count} are not the same.");
            }

            tensors.AddRange(present);
        }

        return StateDict.Describe("safetensors", tensors);
    }

    static List<(string Tensor, string Shard)> Map(string file, ReadOnlyMemory<byte> index)
    {
        using var document = UntrustedJson.Parse(file, "the index", index, new() { AllowDuplicateProperties = false, MaxDepth = 8 });
        if (document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("weight_map", out var map) && map.ValueKind == JsonValueKind.Object
            && map.EnumerateObject().All(entry => entry.Value.ValueKind == JsonValueKind.String))
        {
            return [.. map.EnumerateObject().Select(entry => (entry.Name, entry.Value.GetString()!))];
        }

        throw EngineException.Model($"{file}: an index of safetensors has an object 'weight_map' that names the file of each tensor.");
    }
}
