using System.Text.Json;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Keras;

/// <summary>
/// Reads TF.js layers models: a JSON file with the topology, which is Keras's, and a manifest of the weights, which lie one after the
/// other in binary files beside it. Source: the documentation of TensorFlow.js.
/// </summary>
public static class TfJsModel
{
    const long MaxWeightBytes = 512L << 20;

    // What a layer's weights are called, in Keras's order; forward comes before backward.
    static readonly string[] Order =
        ["embeddings", "kernel", "recurrent_kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance"];

    /// <summary>Reads a model.</summary>
    /// <param name="file">The JSON file's name, for messages.</param>
    /// <param name="json">Its content.</param>
    /// <param name="sibling">Gives the content of a file beside it; null if there is none.</param>
    /// <exception cref="EngineException">It is damaged, holds what is not read, or a file of weights is missing.</exception>
    public static ModelFile Read(string file, ReadOnlyMemory<byte> json, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        using var document = KerasJson.Parse(file, json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("modelTopology", out var topology) || topology.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("weightsManifest", out var manifest) || manifest.ValueKind != JsonValueKind.Array)
        {
            throw EngineException.Model($"{file}: a TF.js layers model has 'modelTopology' and 'weightsManifest'.");
        }

        var left = MaxWeightBytes;
        var weights = manifest.EnumerateArray().SelectMany(group => Group(file, group, Counted)).ToList();
        var model = topology.TryGetProperty("model_config", out var config) ? config : topology;
        var graph = KerasGraph.Read(file, model, version: 2);                         // TF.js has the functions of Keras 2
        return KerasFile.ModelOf("TF.js", graph, layer => Of(layer, weights));

        ReadOnlyMemory<byte>? Counted(string name)
        {
            var shard = sibling(name);
            left -= shard?.Length ?? 0;
            return left >= 0 ? shard : throw EngineException.Model($"{file}: its files of weights hold more than {MaxWeightBytes} bytes.");
        }
    }

    static KerasArray[] Of(KerasLayer layer, List<(string Name, KerasArray Array)> weights)
    {
        var own = weights.FindAll(weight => weight.Name.StartsWith($"{layer.Name}/", StringComparison.Ordinal));
        return own.Find(weight => Place(weight.Name) < 0) is { Name: { } unknown }
            ? throw layer.Refuse($"has the weight '{unknown}', which is not known")
            : [.. own.OrderBy(weight => weight.Name.Contains("/backward", StringComparison.Ordinal)).ThenBy(weight => Place(weight.Name)).Select(weight => weight.Array)];
    }

    static int Place(string name) => Array.IndexOf(Order, name[(name.LastIndexOf('/') + 1)..]);

    static IEnumerable<(string Name, KerasArray Array)> Group(string file, JsonElement group, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        if (group.ValueKind != JsonValueKind.Object || !group.TryGetProperty("paths", out var paths) || paths.ValueKind != JsonValueKind.Array
            || !group.TryGetProperty("weights", out var weights) || weights.ValueKind != JsonValueKind.Array)
        {
            throw EngineException.Model($"{file}: each part of 'weightsManifest' has 'paths' and 'weights'.");
        }

        var rest = Join(file, paths, sibling);
        foreach (var weight in weights.EnumerateArray())
        {
            var (name, shape, type) = Entry(file, weight);
            var bytes = (Int128)type.Bytes();
            foreach (var size in shape)
            {
                bytes = Int128.Min(bytes * size, long.MaxValue);
            }

            if (bytes > rest.Length)
            {
                throw EngineException.Model($"{file}: weight '{name}' of shape [{string.Join(", ", shape)}] needs {bytes} bytes; {rest.Length} are left.");
            }

            yield return (name, new KerasArray(shape, type.ToSingle(rest.Span[..(int)bytes])));
            rest = rest[(int)bytes..];
        }

        if (rest.Length > 0)
        {
            throw EngineException.Model($"{file}: its files of weights hold {rest.Length} bytes more than 'weightsManifest' names.");
        }
    }

    static ReadOnlyMemory<byte> Join(string file, JsonElement paths, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        var shards = new List<ReadOnlyMemory<byte>>();
        foreach (var path in paths.EnumerateArray())
        {
            var name = path.ValueKind == JsonValueKind.String ? path.GetString()! : "";
            shards.Add(sibling(name) ?? throw EngineException.Model($"{file}: there is no file '{name}' beside it."));
        }

        if (shards is [var only])
        {
            return only;
        }

        var joined = new byte[shards.Sum(shard => shard.Length)];
        var end = 0;
        foreach (var shard in shards)
        {
            shard.CopyTo(joined.AsMemory(end));
            end += shard.Length;
        }

        return joined;
    }

    static (string Name, long[] Shape, FloatType Type) Entry(string file, JsonElement weight)
    {
        if (weight.ValueKind != JsonValueKind.Object
            || !weight.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String
            || !weight.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !weight.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || shape.EnumerateArray().Any(size => size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out var number) || number < 0))
        {
            throw EngineException.Model($"{file}: each weight of 'weightsManifest' has 'name', 'shape' and 'dtype'.");
        }

        if (weight.TryGetProperty("quantization", out _) || dtype.GetString() is not ("float32" or "float16"))
        {
            throw EngineException.Model($"{file}: weight '{name.GetString()}' is quantized or of dtype '{dtype.GetString()}'; float32 and float16 are read.");
        }

        return (
            name.GetString()!,
            [.. shape.EnumerateArray().Select(size => size.GetInt64())],
            dtype.GetString() == "float32" ? FloatType.Float32 : FloatType.Float16);
    }
}
