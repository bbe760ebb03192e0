using System.Globalization;
using Rnn.Engine.Formats.Hdf5;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Formats.Keras;

/// <summary>
/// Reads models of Keras 1, 2 and 3: <c>.keras</c> archives and HDF5 files. The configuration is data: layers whose class is known are
/// translated, others are refused by name, and nothing of it is ever run. Source: the saving code and documentation of Keras.
/// </summary>
public static class KerasFile
{
    /// <summary>Whether the entries of an archive are those of a <c>.keras</c> file.</summary>
    internal static bool Is(ZipEntries entries) => entries.Contains("config.json") && (entries.Contains("model.weights.h5") || entries.Contains("metadata.json"));

    /// <summary>Reads a <c>.keras</c> archive.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="entries">Its entries.</param>
    /// <exception cref="EngineException">It is damaged, or holds what is not read.</exception>
    internal static ModelFile ReadArchive(string file, ZipEntries entries)
    {
        using var metadata = entries.Contains("metadata.json") ? KerasJson.Parse(file, entries.Bytes("metadata.json")) : null;
        var version = KerasJson.Version(metadata?.RootElement, otherwise: 3);
        using var config = KerasJson.Parse(file, entries.Bytes("config.json"));
        var graph = KerasGraph.Read(file, config.RootElement, version);
        var weights = Hdf5File.Read(file, entries.Bytes("model.weights.h5"));
        return ModelOf($"Keras {version} archive", graph, new KerasHdf5Weights(file, weights.Root, graph.All).Reader());
    }

    /// <summary>Reads an HDF5 file: a whole model, or weights whose architecture lies beside them in JSON.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="sibling">Gives the content of a file beside it; null if there is none.</param>
    /// <exception cref="EngineException">It is damaged, holds what is not read, or has no architecture.</exception>
    public static ModelFile ReadHdf5(string file, ReadOnlyMemory<byte> bytes, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        var root = Hdf5File.Read(file, bytes).Root;
        using var config = KerasJson.Parse(file, root.Text("model_config") is { } text ? System.Text.Encoding.UTF8.GetBytes(text) : Architecture(file, sibling));
        var version = root.Text("keras_version") is { } number ? KerasJson.Major(number) : KerasJson.Version(config.RootElement, otherwise: KerasJson.HasModules(config.RootElement) ? 3 : 2);
        var graph = KerasGraph.Read(file, config.RootElement, version);
        return ModelOf($"Keras {version.ToString(CultureInfo.InvariantCulture)} HDF5", graph, new KerasHdf5Weights(file, root.Group("model_weights") ?? root, graph.All).Reader());
    }

    /// <summary>A model of a graph and of what gives the arrays of its layers.</summary>
    internal static ModelFile ModelOf(string format, KerasGraph graph, Func<KerasLayer, KerasArray[]> weightsOf)
    {
        var translator = new KerasTranslator(weightsOf);
        var isSequence = true;
        var layers = translator.Chain(graph.Trunk, ref isSequence);
        var outputs = new List<OutputPart>();
        if (graph.Heads.Count > 0)
        {
            var branches = new List<IReadOnlyList<LayerManifest>>();
            foreach (var (name, head) in graph.Outputs.Zip(graph.Heads))
            {
                var isHeadSequence = isSequence;
                branches.Add(translator.Chain(head, ref isHeadSequence));
                outputs.Add(new OutputPart(name, Width([.. layers, .. branches[^1]])));
            }

            layers.Add(new ParallelManifest { Branches = branches });
        }

        if (translator.Tensors.CountBy(tensor => tensor.Name, StringComparer.Ordinal).FirstOrDefault(count => count.Value > 1).Key is { } twin)
        {
            throw EngineException.Model($"Several outputs share layers after the place where they part; tensor '{twin}' would be there twice.");
        }

        return new ModelFile { Format = format, Layers = layers, Tensors = translator.Tensors, Outputs = outputs };
    }

    /// <summary>The width of the last layer that has one of its own; 0 if none has.</summary>
    static int Width(IReadOnlyList<LayerManifest> layers) => layers.LastOrDefault(layer => layer is DenseManifest or RecurrentManifest) switch
    {
        DenseManifest dense => dense.Size,
        RecurrentManifest { Direction: Direction.Bidirectional, Merge: Numerics.Merge.Concat } recurrent => 2 * recurrent.HiddenSize,
        RecurrentManifest recurrent => recurrent.HiddenSize,
        _ => 0,
    };

    /// <summary>The architecture beside a file of weights: what <c>model.to_json()</c> gives.</summary>
    static ReadOnlyMemory<byte> Architecture(string file, Func<string, ReadOnlyMemory<byte>?> sibling)
    {
        var stem = file[..^Path.GetExtension(file).Length];
        string[] names = [$"{stem}.json", $"{stem.Replace("weights", "config", StringComparison.Ordinal)}.json", "config.json", "architecture.json"];
        return names.Distinct().Select(sibling).FirstOrDefault(content => content is not null) ?? throw EngineException.Model(
            $"{file}: it holds weights without an architecture. Put what model.to_json() gives beside it as {string.Join(" or ", names.Distinct())}, or save the whole model.");
    }
}
