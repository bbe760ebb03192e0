using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Rnn.Engine.Codecs;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;
using Rnn.Engine.Numerics;

namespace Rnn.Api.Rest;

/// <summary>A model and how to talk to it.</summary>
public sealed record ModelResponse
{
    [Description("The name that routes use.")]
    public required string Name { get; init; }

    [Description("The version; the highest is the default.")]
    public required int Version { get; init; }

    [Description("What it does.")]
    public string? Description { get; init; }

    [Description("The licence of its weights.")]
    public string? License { get; init; }

    [Description("The number of weights and biases.")]
    public required long Parameters { get; init; }

    [Description("How its weights are kept: float32, bf16 or int8.")]
    [JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
    public required Precision Precision { get; init; }

    [Description("How far an output of its examples is off from float32's at most; none in float32.")]
    public float? PrecisionError { get; init; }

    [Description("The number of floats of one state.")]
    public required int StateSize { get; init; }

    [Description("Identifies the weights; a state is bound to it.")]
    public required string Fingerprint { get; init; }

    [Description("Whether its output can be its next input, so that it offers generate.")]
    public required bool Generates { get; init; }

    [Description("What it reads.")]
    public required ModelInputResponse Input { get; init; }

    [Description("Its layers in order.")]
    public required IReadOnlyList<LayerResponse> Layers { get; init; }

    [Description("What it tells.")]
    public required ModelOutputResponse Output { get; init; }

    internal static ModelResponse From(RecurrentModel model) => new()
    {
        Name = model.Name,
        Version = model.Version,
        Description = model.Manifest.Description,
        License = model.Manifest.License,
        Parameters = model.ParameterCount,
        Precision = model.Manifest.Precision,
        PrecisionError = model.PrecisionError,
        StateSize = model.Layout.Size,
        Fingerprint = model.Layout.Fingerprint,
        Generates = model.Generates,
        Input = ModelInputResponse.From(model.Input),
        Layers = [.. model.Manifest.Layers.Select(LayerResponse.From)],
        Output = ModelOutputResponse.From(model.Output),
    };
}

/// <summary>What a model reads: text of a vocabulary, or numeric features.</summary>
public sealed record ModelInputResponse
{
    [Description("characters, words or features.")]
    public required string Kind { get; init; }

    [Description("The tokens by index, for text.")]
    public IReadOnlyList<string>? Vocabulary { get; init; }

    [Description("The features in the order in which a vector holds them.")]
    public IReadOnlyList<QuantityResponse>? Features { get; init; }

    internal static ModelInputResponse From(InputCodec codec) => codec switch
    {
        CharacterCodec characters => new() { Kind = "characters", Vocabulary = characters.Vocabulary.Tokens },
        WordCodec words => new() { Kind = "words", Vocabulary = words.Vocabulary.Tokens },
        FeatureCodec features => new() { Kind = "features", Features = [.. features.Features.Select(QuantityResponse.From)] },
        _ => throw new UnreachableException($"No description of {codec.GetType()}. This is a bug."),
    };
}

/// <summary>What a model tells: the next token, a class, or values.</summary>
public sealed record ModelOutputResponse
{
    [Description("next-token, classes or values.")]
    public required string Kind { get; init; }

    [Description("The labels of the classes.")]
    public IReadOnlyList<string>? Labels { get; init; }

    [Description("The values in the order in which an output holds them.")]
    public IReadOnlyList<QuantityResponse>? Values { get; init; }

    internal static ModelOutputResponse From(OutputHead head) => head switch
    {
        NextTokenHead => new() { Kind = "next-token" },
        ClassHead classes => new() { Kind = "classes", Labels = classes.Labels },
        ValueHead values => new() { Kind = "values", Values = [.. values.Quantities.Select(QuantityResponse.From)] },
        _ => throw new UnreachableException($"No description of {head.GetType()}. This is a bug."),
    };
}

/// <summary>A named number.</summary>
public sealed record QuantityResponse
{
    [Description("What it is.")]
    public required string Name { get; init; }

    [Description("The unit in which it is read and written.")]
    public string? Unit { get; init; }

    internal static QuantityResponse From(Quantity quantity) => new() { Name = quantity.Name, Unit = quantity.Unit };
}

/// <summary>One entry of a model's layers.</summary>
public sealed record LayerResponse
{
    [Description("embedding, elman, lstm, gru, dense or dropout.")]
    public required string Kind { get; init; }

    [Description("Its name; a recurrent layer's state is named after it and its place, such as lstm.0.")]
    public string? Name { get; init; }

    [Description("The width of its output.")]
    public int? Size { get; init; }

    [Description("How many layers stand on each other.")]
    public int? Layers { get; init; }

    internal static LayerResponse From(LayerManifest layer) => layer switch
    {
        EmbeddingManifest embedding => new() { Kind = "embedding", Name = embedding.Name, Size = embedding.Size },
        DenseManifest dense => new() { Kind = "dense", Name = dense.Name, Size = dense.Size },
        DropoutManifest => new() { Kind = "dropout" },
        ElmanManifest elman => Recurrent("elman", elman),
        LstmManifest lstm => Recurrent("lstm", lstm),
        GruManifest gru => Recurrent("gru", gru),
        _ => throw new UnreachableException($"No description of {layer.GetType()}. This is a bug."),
    };

    static LayerResponse Recurrent(string kind, RecurrentManifest layer) =>
        new() { Kind = kind, Name = layer.Name, Size = layer.HiddenSize, Layers = layer.Layers };
}
