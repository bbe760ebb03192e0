using System.Globalization;
using System.Text.RegularExpressions;
using Rnn.Engine.Manifests;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats;

/// <summary>A module of PyTorch that was recognised.</summary>
/// <param name="Layer">What it is.</param>
/// <param name="Input">The width of its input; V of an embedding.</param>
/// <param name="Output">The width of its output.</param>
/// <param name="Tensors">The names of its tensors.</param>
sealed record TorchModule(LayerManifest Layer, int Input, int Output, IReadOnlyList<string> Tensors);

/// <summary>Finds modules by the names of their parameters: all that stands before the last dot is a module's name.</summary>
static partial class TorchModules
{
    const float BatchNormEpsilon = 1e-5f;

    /// <summary>The modules in the order of the file, and the tensors under the names that layers take them by.</summary>
    public static (List<Tensor> Tensors, List<TorchModule> Modules) Find(IReadOnlyList<Tensor> tensors)
    {
        var named = new List<Tensor>();
        var modules = new List<TorchModule>();
        foreach (var group in tensors.GroupBy(tensor => tensor.Name[..(tensor.Name.LastIndexOf('.') + 1)]))
        {
            var name = group.Key.TrimEnd('.');
            var parameters = group.ToDictionary(tensor => tensor.Name[group.Key.Length..], StringComparer.Ordinal);
            var (members, module) = parameters.Keys.All(parameter => Recurrent().IsMatch(parameter))
                ? RecurrentOf(name.Length > 0 ? name : "rnn", parameters)
                : PointwiseOf(name, parameters);
            named.AddRange(members);
            modules.AddRange(module is null ? [] : [module]);
        }

        var inputs = modules.Where(module => module.Layer is RecurrentManifest).Select(module => module.Input).ToHashSet();
        var first = modules.FindIndex(module => module.Layer is RecurrentManifest);
        return (named, [.. modules.Select((module, index) => AsEmbedding(module, inputs, isBelow: index < first))]);
    }

    /// <summary>nn.RNN, nn.LSTM, nn.GRU, and their cells, whose parameters have no layer in their names.</summary>
    static (List<Tensor> Tensors, TorchModule? Module) RecurrentOf(string name, Dictionary<string, Tensor> parameters)
    {
        var members = parameters
            .Select(parameter => (Name: IsOfCell(parameter.Key, parameters) ? $"{parameter.Key}_l0" : parameter.Key, parameter.Value))
            .ToDictionary(parameter => parameter.Name, parameter => parameter.Value with { Name = $"{name}.{parameter.Name}" }, StringComparer.Ordinal);
        var tensors = members.Values.ToList();
        var places = members.Keys.Select(parameter => Recurrent().Match(parameter).Groups["layer"]).ToList();
        if (places.Exists(place => !place.Success))
        {
            return (tensors, null);
        }

        var layers = 1 + places.Max(place => int.Parse(place.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture));
        if (!members.TryGetValue("weight_ih_l0", out var wIh) || !members.TryGetValue("weight_hh_l0", out var wHh)
            || wIh.Shape is not [var rows, var input] || wHh.Shape is not [_, var recurrent] || recurrent == 0 || layers > members.Count)
        {
            return (tensors, null);
        }

        var hidden = members.TryGetValue("weight_hr_l0", out var wHr) && wHr.Shape is [_, var columns] ? columns : recurrent;
        var isBidirectional = members.ContainsKey("weight_ih_l0_reverse");
        var bias = members.ContainsKey("bias_ih_l0");
        var direction = isBidirectional ? Direction.Bidirectional : Direction.Forward;
        RecurrentManifest? layer = (hidden == 0 ? 0 : rows / hidden) switch
        {
            1 => new ElmanManifest { Name = name, HiddenSize = hidden, Layers = layers, Bias = bias, Direction = direction },
            3 => new GruManifest { Name = name, HiddenSize = hidden, Layers = layers, Bias = bias, Direction = direction },
            4 => new LstmManifest
            {
                Name = name,
                HiddenSize = hidden,
                Layers = layers,
                Bias = bias,
                Direction = direction,
                ProjectionSize = wHr is null ? 0 : recurrent,
            },
            _ => null,
        };
        return (tensors, layer is null
            ? null
            : new TorchModule(layer, input, recurrent * (isBidirectional ? 2 : 1), [.. tensors.Select(tensor => tensor.Name)]));
    }

    static bool IsOfCell(string parameter, Dictionary<string, Tensor> parameters) =>
        !parameter.Contains("_l", StringComparison.Ordinal) && !parameters.ContainsKey($"{parameter}_l0");

    /// <summary>nn.Linear, nn.Embedding (which looks like one without a bias), nn.LayerNorm, nn.BatchNorm1d.</summary>
    static (List<Tensor> Tensors, TorchModule? Module) PointwiseOf(string name, Dictionary<string, Tensor> parameters)
    {
        var members = parameters.Values.ToList();
        var names = members.Select(tensor => tensor.Name).ToList();
        var bias = parameters.GetValueOrDefault("bias");
        if (name.Length == 0 || !parameters.TryGetValue("weight", out var weight))
        {
            return (members, null);
        }

        return (weight.Shape, parameters.Count) switch
        {
            ([var rows, var columns], <= 2) when parameters.Count == 1 || (bias?.Shape is [var size] && size == rows) =>
                (members, new TorchModule(new DenseManifest { Name = name, Size = rows, Bias = bias is not null }, columns, rows, names)),
            ([var width], 2) when bias?.Shape is [var size] && size == width =>
                (members, new TorchModule(new LayerNormManifest { Name = name }, width, width, names)),
            ([var width], 4) when parameters.TryGetValue("running_mean", out var mean) && parameters.TryGetValue("running_var", out var variance)
                && bias is not null && new[] { bias, mean, variance }.All(tensor => tensor.Values.Length == width) =>
                BatchNorm(name, weight, bias, mean, variance),
            _ => (members, null),
        };
    }

    static (List<Tensor> Tensors, TorchModule? Module) BatchNorm(string name, Tensor weight, Tensor bias, Tensor mean, Tensor variance)
    {
        var scale = weight.Values.Zip(variance.Values, (w, v) => w / MathF.Sqrt(v + BatchNormEpsilon)).ToArray();
        var shift = bias.Values.Zip(mean.Values.Zip(scale, (m, s) => m * s), (b, product) => b - product).ToArray();
        return (
            [Tensor.Finite("batch normalisation", weight.Name, [scale.Length], scale), Tensor.Finite("batch normalisation", bias.Name, [shift.Length], shift)],
            new TorchModule(new AffineManifest { Name = name }, scale.Length, scale.Length, [weight.Name, bias.Name]));
    }

    /// <summary>A table without a bias is an embedding if its rows are what a recurrent layer takes, and it stands below or is called one.</summary>
    static TorchModule AsEmbedding(TorchModule module, HashSet<int> recurrentInputs, bool isBelow) =>
        module.Layer is DenseManifest { Bias: false } table && recurrentInputs.Contains(module.Input)
            && (isBelow || table.Name.Contains("emb", StringComparison.OrdinalIgnoreCase))
            ? new TorchModule(new EmbeddingManifest { Name = table.Name, Size = module.Input }, module.Output, module.Input, module.Tensors)
            : module;

    [GeneratedRegex("^(?:weight|bias)_(?:ih|hh|hr|ch)(?:_l(?<layer>[0-9]{1,3})(?:_reverse)?)?\\z")]
    private static partial Regex Recurrent();
}
