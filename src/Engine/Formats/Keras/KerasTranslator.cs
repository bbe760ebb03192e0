using System.Text.Json;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Keras;

/// <summary>Translates Keras's layers, one after the other, and collects their tensors.</summary>
/// <param name="weightsOf">The arrays of a layer in Keras's order; of a wrapper, those of what it holds.</param>
sealed class KerasTranslator(Func<KerasLayer, KerasArray[]> weightsOf)
{
    // What the two layers of a Bidirectional must agree in.
    static readonly string[] AlikeInBoth = ["units", "activation", "recurrent_activation", "use_bias", "reset_after", "return_sequences"];

    readonly List<Tensor> _tensors = [];

    /// <summary>The tensors of all layers translated so far.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>What a chain of layers is.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="isSequence">Whether every timestep comes in; and whether every timestep goes on after them.</param>
    /// <exception cref="EngineException">One of them is not known, or can't stand where it stands.</exception>
    public List<LayerManifest> Chain(IEnumerable<KerasLayer> layers, ref bool isSequence)
    {
        var manifests = new List<LayerManifest>();
        foreach (var layer in layers)
        {
            manifests.AddRange(Translate(layer, ref isSequence));
        }

        return manifests;
    }

    IEnumerable<LayerManifest> Translate(KerasLayer layer, ref bool isSequence)
    {
        if (KerasRecurrent.Is(layer.ClassName) || layer.ClassName == "Bidirectional")
        {
            if (!isSequence)
            {
                throw layer.Refuse("stands after a layer that passes on the last timestep only");
            }

            var manifests = layer.ClassName == "Bidirectional" ? Bidirectional(layer) : Recurrent(layer);
            isSequence = manifests is not [RecurrentManifest { ReturnsLast: true }];
            return manifests;
        }

        return layer.ClassName switch
        {
            "InputLayer" or "GaussianNoise" or "GaussianDropout" or "ActivityRegularization" or "AlphaDropout" => [],
            "Dropout" or "SpatialDropout1D" => [new DropoutManifest { Rate = (double)(decimal)(layer.Number("rate") ?? 0) }],
            "Masking" => [new MaskingManifest { Value = layer.Number("mask_value") ?? 0 }],
            "Embedding" => [Embedding(layer)],
            "TimeDistributed" => TimeDistributed(layer, isSequence),
            "Flatten" when !isSequence => [],
            "Flatten" => throw layer.Refuse("joins all timesteps into one vector; such a model reads windows of one length, not sequences"),
            _ => [Pointwise(layer, weightsOf(layer), isSequence ? 3 : 2)],
        };
    }

    List<LayerManifest> Recurrent(KerasLayer layer)
    {
        var recurrent = new KerasRecurrent(layer, layer.Name);
        var arrays = weightsOf(layer);
        var isBackward = layer.Flag("go_backwards", false);
        var manifest = recurrent.Manifest(arrays) with
        {
            ReturnsLast = !layer.Flag("return_sequences", false),
            Direction = isBackward ? Direction.Backward : Direction.Forward,
        };

        _tensors.AddRange(recurrent.Tensors(arrays, "_l0"));

        // Keras leaves the outputs of a backward layer in the order in which it made them.
        return isBackward && !manifest.ReturnsLast ? [manifest, new ReverseManifest()] : [manifest];
    }

    List<LayerManifest> Bidirectional(KerasLayer wrapper)
    {
        var layer = wrapper.Inner("layer");
        if (!KerasRecurrent.Is(layer.ClassName) || layer.Flag("go_backwards", false))
        {
            throw wrapper.Refuse($"holds '{layer.Name}' ({layer.ClassName}); a SimpleRNN, LSTM or GRU that reads forward is expected");
        }

        if (wrapper.Config.TryGetProperty("backward_layer", out var other) && other.ValueKind == JsonValueKind.Object)
        {
            var backward = wrapper.Inner("backward_layer");
            if (backward.ClassName != layer.ClassName || !Array.TrueForAll(AlikeInBoth, property => Raw(layer, property) == Raw(backward, property)))
            {
                throw wrapper.Refuse("holds two different layers");
            }
        }

        var arrays = weightsOf(wrapper);
        var half = arrays.Length / 2;
        if (arrays.Length % 2 != 0)
        {
            throw wrapper.Refuse($"has {arrays.Length} weights, which is no even number");
        }

        var recurrent = new KerasRecurrent(layer, wrapper.Name);
        var manifest = recurrent.Manifest(arrays[..half]) with
        {
            Direction = Direction.Bidirectional,
            ReturnsLast = !layer.Flag("return_sequences", false),
            Merge = (wrapper.Text("merge_mode") ?? (wrapper.Config.TryGetProperty("merge_mode", out _) ? "null" : "concat")) switch
            {
                "concat" => Merge.Concat,
                "sum" => Merge.Sum,
                "mul" => Merge.Multiply,
                "ave" => Merge.Average,
                var mode => throw wrapper.Refuse($"has the merge_mode {mode}; concat, sum, mul and ave are read"),
            },
        };
        _tensors.AddRange(recurrent.Tensors(arrays[..half], "_l0"));
        _tensors.AddRange(recurrent.Tensors(arrays[half..], "_l0_reverse"));
        return [manifest];
    }

    EmbeddingManifest Embedding(KerasLayer layer)
    {
        var size = layer.Integer("output_dim");
        if (weightsOf(layer) is not [{ Shape: [_, var width] } table] || width != size)
        {
            throw layer.Refuse($"has no table of vectors that are {size} wide");
        }

        _tensors.Add(Tensor.Finite(layer.File, $"{layer.Name}.weight", table.Shape, table.Values));
        return new EmbeddingManifest { Name = layer.Name, Size = size, MaskZero = layer.Flag("mask_zero", false) };
    }

    IEnumerable<LayerManifest> TimeDistributed(KerasLayer wrapper, bool isSequence)
    {
        var layer = wrapper.Inner("layer");
        return isSequence && layer.ClassName is not ("Flatten" or "Embedding")
            ? [layer.ClassName is "Dropout" ? new DropoutManifest() : Pointwise(layer with { Config = Renamed(layer, wrapper) }, weightsOf(wrapper), rank: 2)]
            : throw wrapper.Refuse($"holds '{layer.Name}' ({layer.ClassName}), or has no timesteps to distribute it over");
    }

    /// <summary>The inner layer's configuration under the wrapper's name, which is the one that differs from all others.</summary>
    static JsonElement Renamed(KerasLayer layer, KerasLayer wrapper) => JsonSerializer.SerializeToElement(
        layer.Config.EnumerateObject().Where(property => property.Name != "name").Select(property => (property.Name, property.Value))
            .Append(("name", JsonSerializer.SerializeToElement(wrapper.Name)))
            .ToDictionary(property => property.Item1, property => property.Item2));

    static string? Raw(KerasLayer layer, string property) => layer.Config.TryGetProperty(property, out var value) ? value.GetRawText() : null;

    LayerManifest Pointwise(KerasLayer layer, KerasArray[] arrays, int rank)
    {
        if (layer.ClassName is "BatchNormalization" or "LayerNormalization" or "Softmax")
        {
            ExpectLastAxis(layer, rank);
        }

        return Pointwise(layer, arrays);
    }

    /// <summary>Checks that a layer works on features: an axis counts from the batch on, or from the end.</summary>
    static void ExpectLastAxis(KerasLayer layer, int rank)
    {
        if (!layer.Config.TryGetProperty("axis", out var axis))
        {
            return;
        }

        axis = axis.ValueKind == JsonValueKind.Array && axis.GetArrayLength() == 1 ? axis[0] : axis;
        if (axis.ValueKind != JsonValueKind.Number || !axis.TryGetInt32(out var number) || (number != -1 && number != rank - 1))
        {
            throw layer.Refuse($"works on axis {axis.GetRawText()}; only the last, that of the features, is read");
        }
    }

    LayerManifest Pointwise(KerasLayer layer, KerasArray[] arrays) => layer.ClassName switch
    {
        "Dense" or "TimeDistributedDense" => Dense(layer, arrays),
        "BatchNormalization" when (layer.Number("mode") ?? 0) != 0 => throw layer.Refuse("has a mode of Keras 1 other than 0"),
        "BatchNormalization" => BatchNorm(layer, arrays),
        "LayerNormalization" when layer.Flag("rms_scaling", false) => throw layer.Refuse("has rms_scaling, which is not read"),
        "LayerNormalization" => LayerNorm(layer, arrays),
        "Activation" => new ActivationManifest { Activation = KerasActivations.Of(layer, "activation", Activation.None) },
        "Softmax" => new ActivationManifest { Activation = Activation.Softmax },
        "LeakyReLU" => new ActivationManifest { Activation = new(ActivationKind.LeakyRelu, layer.Number("negative_slope") ?? layer.Number("alpha") ?? 0.3f) },
        "ELU" => new ActivationManifest { Activation = new(ActivationKind.Elu, layer.Number("alpha") ?? 1) },
        "ReLU" => new ActivationManifest { Activation = Relu(layer) },
        "Lambda" => throw layer.Refuse("is code, which is never run"),
        _ => throw layer.Refuse("is not read"),
    };

    static Activation Relu(KerasLayer layer) => (layer.Number("max_value"), layer.Number("negative_slope") ?? 0, layer.Number("threshold") ?? 0) switch
    {
        (null, 0, 0) => Activation.Relu,
        (6, 0, 0) => new(ActivationKind.Relu6),
        (null, var slope, 0) => new(ActivationKind.LeakyRelu, slope),
        _ => throw layer.Refuse("has a max_value or a threshold that is not read"),
    };

    DenseManifest Dense(KerasLayer layer, KerasArray[] arrays)
    {
        var size = layer.Integer("units", "output_dim");
        if (arrays is not [{ Shape: [var input, var width] } kernel, .. var bias] || width != size
            || bias is not ([] or [{ Shape: [_] }]) || bias is [var b] && b.Values.Length != size)
        {
            throw layer.Refuse($"has no kernel [I, {size}], with or without a bias [{size}]");
        }

        _tensors.Add(Tensor.Finite(layer.File, $"{layer.Name}.weight", [size, input], kernel.Transposed()));
        AddBias(layer, bias);
        return new DenseManifest
        {
            Name = layer.Name,
            Size = size,
            Bias = bias.Length > 0,
            Activation = KerasActivations.Of(layer, "activation", Activation.None),
        };
    }

    AffineManifest BatchNorm(KerasLayer layer, KerasArray[] arrays)
    {
        var (scale, center) = (layer.Flag("scale", true), layer.Flag("center", true));
        var expected = 2 + (scale ? 1 : 0) + (center ? 1 : 0);
        if (arrays.Length != expected || arrays.Any(array => array.Values.Length != arrays[0].Values.Length))
        {
            throw layer.Refuse($"has {arrays.Length} weights; {expected} of one length are expected");
        }

        var (mean, variance) = (arrays[^2].Values, arrays[^1].Values);
        var epsilon = layer.Number("epsilon") ?? 1e-3f;
        var weights = variance.Select((v, i) => (scale ? arrays[0].Values[i] : 1) / MathF.Sqrt(v + epsilon)).ToArray();
        var bias = mean.Select((m, i) => (center ? arrays[scale ? 1 : 0].Values[i] : 0) - m * weights[i]).ToArray();
        AddPair(layer, weights, bias);
        return new AffineManifest { Name = layer.Name };
    }

    LayerNormManifest LayerNorm(KerasLayer layer, KerasArray[] arrays)
    {
        var (scale, center) = (layer.Flag("scale", true), layer.Flag("center", true));
        if (arrays.Length != (scale ? 1 : 0) + (center ? 1 : 0) || arrays.Length == 0 || arrays.Any(array => array.Shape.Length != 1 || array.Values.Length != arrays[0].Values.Length))
        {
            throw layer.Refuse("has no scale and no offset over the last axis");
        }

        var size = arrays[0].Values.Length;
        AddPair(layer, scale ? arrays[0].Values : [.. Enumerable.Repeat(1f, size)], center ? arrays[^1].Values : new float[size]);
        return new LayerNormManifest { Name = layer.Name, Epsilon = layer.Number("epsilon") ?? 1e-3f };
    }

    void AddPair(KerasLayer layer, float[] weights, float[] bias)
    {
        _tensors.Add(Tensor.Finite(layer.File, $"{layer.Name}.weight", [weights.Length], weights));
        _tensors.Add(Tensor.Finite(layer.File, $"{layer.Name}.bias", [bias.Length], bias));
    }

    void AddBias(KerasLayer layer, KerasArray[] bias) =>
        _tensors.AddRange(bias.Select(array => Tensor.Finite(layer.File, $"{layer.Name}.bias", array.Shape, array.Values)));
}
