using System.Globalization;
using System.Text.RegularExpressions;
using Rnn.Engine.Formats.Hdf5;

namespace Rnn.Engine.Formats.Keras;

/// <summary>
/// The weights of a model in an HDF5 file, in either of Keras's layouts: a group for each layer with a list of its weights (Keras 1, 2
/// and <c>model.save("x.h5")</c> of Keras 3), or a tree of objects with numbered variables (<c>.keras</c> and <c>.weights.h5</c>).
/// </summary>
/// <param name="file">The file's name, for messages.</param>
/// <param name="root">The group that holds the weights.</param>
/// <param name="layers">All layers in the order of the configuration.</param>
sealed partial class KerasHdf5Weights(string file, Hdf5Group root, IReadOnlyList<KerasLayer> layers)
{
    const int MaxDepth = 16;
    const int MaxDatasets = 10_000;

    // The parts of a layer that hold weights of their own, in Keras's order.
    static readonly string[] Parts = ["forward_layer", "backward_layer", "layer", "cell"];

    static readonly string[] Folders = ["layers", "_layer_checkpoint_dependencies"];

    readonly Dictionary<string, Hdf5Dataset> _variables = [];

    // The first two names of every path: those of the layers, also of layers without variables.
    readonly HashSet<string> _objects = new(StringComparer.Ordinal);

    /// <summary>What gives the arrays of a layer.</summary>
    public Func<KerasLayer, KerasArray[]> Reader()
    {
        if (Names(root, "layer_names") is { } names)
        {
            return layer => Listed(layer, names);
        }

        Collect(root, "", 0);
        return Numbered;
    }

    KerasArray[] Listed(KerasLayer layer, IReadOnlyList<string> names)
    {
        var group = names.Contains(layer.Name) ? Child(root, layer.Name) : null;
        return group is null
            ? []
            : [.. (Names(group, "weight_names") ?? []).Select(name => Array(Dataset(group, name) ?? throw layer.Refuse($"has no weight '{name}'")))];
    }

    /// <summary>A list of strings; a long one is kept in parts, <c>name0</c>, <c>name1</c> and so on.</summary>
    static List<string>? Names(Hdf5Group group, string attribute)
    {
        if (group.Texts(attribute) is { } whole)
        {
            return [.. whole];
        }

        var names = new List<string>();
        for (var part = 0; group.Texts($"{attribute}{part}") is { } texts; part++)
        {
            names.AddRange(texts);
        }

        return names.Count > 0 ? names : null;
    }

    /// <summary>A group below, its name as it is or as a path.</summary>
    static Hdf5Group? Child(Hdf5Group group, string name)
    {
        Hdf5Group? child = group;
        foreach (var part in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            child = child?.Group(part);
        }

        return child;
    }

    static Hdf5Dataset? Dataset(Hdf5Group group, string path)
    {
        var slash = path.LastIndexOf('/');
        return (slash < 0 ? group : Child(group, path[..slash]))?.Dataset(path[(slash + 1)..]);
    }

    /// <summary>All variables by their paths; a path that was written on Windows has backslashes in its parts.</summary>
    void Collect(Hdf5Group group, string path, int depth)
    {
        foreach (var name in group.Names)
        {
            var below = $"{path}{name.Replace('\\', '/')}";
            _objects.Add(string.Join('/', below.Split('/').Take(2)));
            if (group.Dataset(name) is { } dataset)
            {
                if (_variables.Count == MaxDatasets || !_variables.TryAdd(below, dataset))
                {
                    throw EngineException.Model($"{file}: '{below}' is there twice, or one of more than {MaxDatasets} variables.");
                }
            }
            else if (group.Group(name) is { } child)
            {
                if (depth == MaxDepth)
                {
                    throw EngineException.Model($"{file}: '{below}' is more than {MaxDepth} groups deep.");
                }

                Collect(child, $"{below}/", depth + 1);
            }
        }
    }

    /// <summary>
    /// The variables of a layer, which is called by its class and a number that grows with each of that class, or by its name. Keras 2.12
    /// to 2.14 count a layer with weights twice, so if there are as many as layers, their order tells which is which.
    /// </summary>
    KerasArray[] Numbered(KerasLayer layer)
    {
        var alike = layers.Where(other => other.ClassName == layer.ClassName).Select(other => other.Name).ToList();
        var place = alike.IndexOf(layer.Name);
        var byClass = Snake(layer.ClassName);
        var exact = byClass + (place == 0 ? "" : $"_{place.ToString(CultureInfo.InvariantCulture)}");
        foreach (var folder in Folders)
        {
            var numbered = _objects.Select(path => (Path: path, Number: Number(path, $"{folder}/{byClass}")))
                .Where(candidate => candidate.Number >= 0).OrderBy(candidate => candidate.Number).Select(candidate => candidate.Path).ToList();
            string[] paths = [numbered.Count == alike.Count ? numbered[place] : $"{folder}/{exact}", $"{folder}/{layer.Name}"];
            if (paths.FirstOrDefault(IsThere) is { } path)
            {
                return [.. Variables(path)];
            }
        }

        return [];
    }

    /// <summary>The number of an object of a class: 2 of <c>layers/lstm_2</c>, 0 of <c>layers/lstm</c>; -1 if it is none.</summary>
    static int Number(string path, string byClass) =>
        path == byClass ? 0
        : path.StartsWith($"{byClass}_", StringComparison.Ordinal)
            && int.TryParse(path.AsSpan(byClass.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : -1;

    bool IsThere(string path) => _variables.Keys.Any(name => name.StartsWith($"{path}/", StringComparison.Ordinal));

    IEnumerable<KerasArray> Variables(string path)
    {
        for (var number = 0; _variables.TryGetValue($"{path}/vars/{number.ToString(CultureInfo.InvariantCulture)}", out var variable); number++)
        {
            yield return Array(variable);
        }

        var hasDirections = IsThere($"{path}/forward_layer");
        foreach (var part in Parts.Where(part => !(hasDirections && part == "layer")))
        {
            foreach (var array in IsThere($"{path}/{part}") ? Variables($"{path}/{part}") : [])
            {
                yield return array;
            }
        }
    }

    static KerasArray Array(Hdf5Dataset dataset) => new(dataset.Shape, dataset.ReadFloats());

    /// <summary>SimpleRNN as simple_rnn, as Keras names the objects of a class.</summary>
    static string Snake(string className) => Small().Replace(Capital().Replace(className, "$1_$2"), "$1_$2").ToLowerInvariant();

    [GeneratedRegex("(.)([A-Z][a-z]+)")]
    private static partial Regex Capital();

    [GeneratedRegex("([a-z0-9])([A-Z])")]
    private static partial Regex Small();
}
