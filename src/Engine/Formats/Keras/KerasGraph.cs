using System.Text.Json;

namespace Rnn.Engine.Formats.Keras;

/// <summary>
/// The order of a model's layers: those that everything passes through, and if there are several outputs, the layers of each.
/// </summary>
/// <param name="Trunk">The layers from the input on.</param>
/// <param name="Heads">The layers of each output after the trunk, in the order of the outputs; none if there is one output.</param>
sealed record KerasGraph(IReadOnlyList<KerasLayer> Trunk, IReadOnlyList<IReadOnlyList<KerasLayer>> Heads)
{
    const int MaxLayers = 256;

    // What a layer may be called with besides its input, and what changes its outputs.
    static readonly string[] Arguments = ["initial_state", "constants"];

    /// <summary>The name of each output that <see cref="Heads"/> has.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>All layers in the order of the configuration, which that of the weights follows.</summary>
    public required IReadOnlyList<KerasLayer> All { get; init; }

    /// <summary>Reads a model's configuration.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="model"><c>{ "class_name": "Sequential" or "Functional", "config": ... }</c>.</param>
    /// <param name="version">The major version of the Keras that wrote it.</param>
    /// <exception cref="EngineException">It is no chain of layers with one or more outputs.</exception>
    public static KerasGraph Read(string file, JsonElement model, int version)
    {
        if (model.ValueKind != JsonValueKind.Object || !model.TryGetProperty("config", out var config)
            || !model.TryGetProperty("class_name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            throw EngineException.Model($"{file}: its configuration is not that of a Keras model: 'class_name' and 'config' are expected.");
        }

        var list = config.ValueKind == JsonValueKind.Object && config.TryGetProperty("layers", out var inner) ? inner : config;
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxLayers)
        {
            throw EngineException.Model($"{file}: its configuration has no list of 1 to {MaxLayers} layers.");
        }

        var layers = list.EnumerateArray().Select(layer => KerasLayer.Of(file, layer, version)).ToList();
        if (layers.GroupBy(layer => layer.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw twins.First().Refuse("is there twice");
        }

        return name.GetString() switch
        {
            "Functional" or "Model" when config.ValueKind != JsonValueKind.Object => throw EngineException.Model($"{file}: a functional model's 'config' is an object."),
            "Sequential" => new KerasGraph(layers, []) { All = layers },
            "Functional" or "Model" => Functional(file, config, list, layers),
            var other => throw EngineException.Model($"{file}: the model is a '{other}'; Sequential and Functional ones are read."),
        };
    }

    static KerasGraph Functional(string file, JsonElement config, JsonElement list, List<KerasLayer> layers)
    {
        var byName = layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var inbound = layers.Zip(list.EnumerateArray(), (layer, element) => (layer, Inbound(layer, element)))
            .ToDictionary(pair => pair.layer.Name, pair => pair.Item2, StringComparer.Ordinal);
        var outputs = Names(file, config.TryGetProperty("output_layers", out var named) ? named : default).ToList();
        if (outputs.Count == 0 || outputs.Exists(output => !byName.ContainsKey(output)))
        {
            throw EngineException.Model($"{file}: its configuration names no 'output_layers', or some that are not there.");
        }

        var paths = outputs.Select(output => PathTo(output, byName, inbound)).ToList();
        var shared = paths.Min(path => path.Count);
        var length = Enumerable.Range(0, shared + 1).Last(count => paths.TrueForAll(path => path.Take(count).SequenceEqual(paths[0].Take(count))));
        var heads = paths.Count == 1 ? [] : paths.Select(path => path[length..]).ToList();
        var twice = heads.SelectMany(head => head).Select(layer => layer.Name).CountBy(name => name, StringComparer.Ordinal)
            .Concat(outputs.CountBy(name => name, StringComparer.Ordinal)).FirstOrDefault(count => count.Value > 1).Key;
        if (twice is not null)
        {
            throw byName[twice].Refuse("is an output twice, or belongs to some of the outputs but not to all; outputs may share layers only before they part");
        }

        return new KerasGraph(paths[0][..length], heads) { All = layers, Outputs = paths.Count == 1 ? [] : outputs };
    }

    /// <summary>The layers from the input to a layer: each has one that it reads.</summary>
    static List<KerasLayer> PathTo(string output, Dictionary<string, KerasLayer> byName, Dictionary<string, List<string>> inbound)
    {
        var path = new List<KerasLayer>();
        for (var name = output; ; name = inbound[name][0])
        {
            if (!byName.TryGetValue(name, out var layer) || path.Count > MaxLayers)
            {
                throw byName[output].Refuse($"reads '{name}', which is not there or reads itself");
            }

            path.Add(layer);
            if (inbound[name].Count == 0)
            {
                return layer.ClassName == "InputLayer" ? [.. Enumerable.Reverse(path)] : throw layer.Refuse("reads nothing and is no input");
            }

            if (inbound[name].Count > 1)
            {
                throw layer.Refuse($"reads {inbound[name].Count} layers or is used more than once; chains with one or more outputs are read");
            }
        }
    }

    /// <summary>
    /// The layers that a layer reads. Keras 2: <c>[[["name", 0, 0, {}]]]</c>; Keras 3: <c>[{ "args": [{ "class_name": "__keras_tensor__",
    /// "config": { "keras_history": ["name", 0, 0] } }] }]</c>. A mask comes as a keyword and follows from the layers anyway.
    /// </summary>
    static List<string> Inbound(KerasLayer layer, JsonElement element)
    {
        if (!element.TryGetProperty("inbound_nodes", out var nodes) || nodes.ValueKind != JsonValueKind.Array)
        {
            throw layer.Refuse("has no 'inbound_nodes'");
        }

        return [.. nodes.EnumerateArray().SelectMany(node =>
            node.ValueKind == JsonValueKind.Object && node.TryGetProperty("args", out var arguments) ? Called(layer, node, arguments) : Names(layer.File, node))];
    }

    static IEnumerable<string> Called(KerasLayer layer, JsonElement node, JsonElement arguments) =>
        node.TryGetProperty("kwargs", out var others) && HasArguments(others)
            ? throw layer.Refuse($"is called with {string.Join(" or ", Arguments)}, which is not read")
            : Histories(layer.File, arguments, 0);

    static bool HasArguments(JsonElement arguments) => arguments.ValueKind == JsonValueKind.Object
        && Array.Exists(Arguments, name => arguments.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null);

    static IEnumerable<string> Histories(string file, JsonElement element, int depth)
    {
        const int MaxDepth = 8;
        if (element.ValueKind == JsonValueKind.Array && depth < MaxDepth)
        {
            return element.EnumerateArray().SelectMany(item => Histories(file, item, depth + 1));
        }

        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty("config", out var config)
            && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("keras_history", out var history)
            ? Names(file, history)
            : [];
    }

    /// <summary>The names of <c>["name", 0, 0]</c>, or of a list of such.</summary>
    static IEnumerable<string> Names(string file, JsonElement element) => element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0
        ? []
        : element[0].ValueKind == JsonValueKind.String
            ? [Reference(file, element)]
            : element.EnumerateArray().SelectMany(inner => Names(file, inner));

    /// <summary>The name of <c>["name", node, output]</c>, which must mean the layer's first output: others are states.</summary>
    static string Reference(string file, JsonElement element)
    {
        var name = element[0].GetString()!;
        var count = element.GetArrayLength();
        if (count > 2 && (element[2].ValueKind != JsonValueKind.Number || !element[2].TryGetInt32(out var output) || output != 0))
        {
            throw EngineException.Model($"{file}: something reads output {element[2].GetRawText()} of layer '{name}'; only output 0 is read, others are its states.");
        }

        return count > 3 && HasArguments(element[3])
            ? throw EngineException.Model($"{file}: what reads layer '{name}' is called with {string.Join(" or ", Arguments)}, which is not read.")
            : name;
    }
}
