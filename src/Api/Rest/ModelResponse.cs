using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
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

    [Description("The version; the highest is the default, unless `Models:Defaults` says another.")]
    public required int Version { get; init; }

    [Description("Why its changed files are not served in its place; none if they are these.")]
    public string? Reason { get; init; }

    [Description("What it does.")]
    public string? Description { get; init; }

    [Description("The licence of its weights.")]
    public string? License { get; init; }

    [Description("The number of weights and biases; 0 of a graph that another runtime computes.")]
    public required long Parameters { get; init; }

    [Description("The format of its weights file.")]
    public required string Format { get; init; }

    [Description("What computes it: engine or onnxruntime.")]
    public required string Runtime { get; init; }

    [Description("How its weights are kept: float32, bf16 or int8.")]
    [JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
    public required Precision Precision { get; init; }

    [Description("How far an output of its examples is off from what its training framework gave, at most; none without examples.")]
    public float? ExampleError { get; init; }

    [Description("How far an output of its examples is off from float32's at most; none in float32.")]
    public float? PrecisionError { get; init; }

    [Description("The number of floats of one state.")]
    public required int StateSize { get; init; }

    [Description("The names of its states to begin a session with, beside the usual one; none if it has none.")]
    public IReadOnlyList<string>? InitialStates { get; init; }

    [Description("Identifies the weights; a state is bound to it.")]
    public required string Fingerprint { get; init; }

    [Description("Whether an output depends on no later timestep, so that it offers step and sessions; a bidirectional model offers sequence only.")]
    public required bool Causal { get; init; }

    [Description("Whether its output can be its next input, so that it offers generate.")]
    public required bool Generates { get; init; }

    [Description("Whether its output continues some of its features, so that it offers forecast.")]
    public required bool Forecasts { get; init; }

    [Description("What reads the source of an encoder-decoder; input, layers and output are the decoder's then.")]
    public EncoderResponse? Encoder { get; init; }

    [Description("What it reads.")]
    public required ModelInputResponse Input { get; init; }

    [Description("Its layers in order; none of a graph that another runtime computes.")]
    public required IReadOnlyList<LayerResponse> Layers { get; init; }

    [Description("What it tells.")]
    public required ModelOutputResponse Output { get; init; }

    internal static ModelResponse From(RecurrentModel model, string? reason) => new()
    {
        Name = model.Name,
        Version = model.Version,
        Reason = reason,
        Description = model.Manifest.Description,
        License = model.Manifest.License,
        Parameters = model.ParameterCount,
        Format = model.Format,
        Runtime = model.Manifest.Runtime.ToString().ToLowerInvariant(),
        Precision = model.Manifest.Precision,
        ExampleError = model.ExampleError,
        PrecisionError = model.PrecisionError,
        StateSize = model.Layout.Size,
        InitialStates = model.InitialStates.Count == 0 ? null : [.. model.InitialStates.Keys.Order(StringComparer.Ordinal)],
        Fingerprint = model.Layout.Fingerprint,
        Causal = model.IsCausal,
        Generates = model.Generates,
        Forecasts = model.Forecasts,
        Encoder = model.Encoder is null ? null : EncoderResponse.From(model.Encoder),
        Input = ModelInputResponse.From(model.Input),
        Layers = [.. (model.Manifest.Layers ?? []).Select(LayerResponse.From)],
        Output = ModelOutputResponse.From(model.Output),
    };
}

/// <summary>The stack that reads the source of an encoder-decoder as a whole.</summary>
public sealed record EncoderResponse
{
    [Description("What it reads: the input of generate.")]
    public required ModelInputResponse Input { get; init; }

    [Description("The most timesteps of a source.")]
    public required int MaxLength { get; init; }

    [Description("Its layers in order.")]
    public required IReadOnlyList<LayerResponse> Layers { get; init; }

    internal static EncoderResponse From(Encoder encoder) => new()
    {
        Input = ModelInputResponse.From(encoder.Model.Input),
        MaxLength = encoder.MaxLength,
        Layers = [.. encoder.Model.Manifest.Layers!.Select(LayerResponse.From)],
    };
}

/// <summary>What a model reads: text of a vocabulary, or numeric features.</summary>
public sealed record ModelInputResponse
{
    [Description("characters, words, tokens, word-features or features.")]
    public required string Kind { get; init; }

    [Description("The number of tokens that are known by their indices alone, or of features of a word.")]
    public int? Size { get; init; }

    [Description("The tokens by index, for text.")]
    public IReadOnlyList<string>? Vocabulary { get; init; }

    [Description("The features in the order in which a vector holds them.")]
    public IReadOnlyList<QuantityResponse>? Features { get; init; }

    internal static ModelInputResponse From(InputCodec codec) => codec switch
    {
        CharacterCodec characters => new() { Kind = "characters", Vocabulary = characters.Vocabulary.Tokens },
        TokenIndexCodec tokens => new() { Kind = "tokens", Size = tokens.Size },
        WordCodec words => new() { Kind = "words", Vocabulary = words.Vocabulary.Tokens },
        WordFeatureCodec words => new() { Kind = "word-features", Size = words.Size },
        FeatureCodec features => new() { Kind = "features", Features = [.. features.Features.Select(QuantityResponse.From)] },
        _ => throw new UnreachableException($"No description of {codec.GetType()}. This is a bug."),
    };
}

/// <summary>What a model tells: the next token, a class, or values.</summary>
public sealed record ModelOutputResponse
{
    [Description("next-token, classes, values, gaussian, quantiles or heads.")]
    public required string Kind { get; init; }

    [Description("The labels of the classes.")]
    public IReadOnlyList<string>? Labels { get; init; }

    [Description("The values in the order in which an output holds them.")]
    public IReadOnlyList<QuantityResponse>? Values { get; init; }

    [Description("The probabilities of the quantiles that the network gives.")]
    public IReadOnlyList<double>? Levels { get; init; }

    [Description("Several outputs by name, in the order in which an output holds them.")]
    public IReadOnlyDictionary<string, ModelOutputResponse>? Heads { get; init; }

    internal static ModelOutputResponse From(OutputHead head) => head switch
    {
        NamedHeads named => new() { Kind = "heads", Heads = named.Heads.ToDictionary(part => part.Name, part => From(part.Head)) },
        NextTokenHead => new() { Kind = "next-token" },
        ClassHead classes => new() { Kind = "classes", Labels = classes.Labels },
        ValueHead values => new() { Kind = "values", Values = [.. values.Quantities.Select(QuantityResponse.From)] },
        GaussianHead gaussian => new() { Kind = "gaussian", Values = [.. gaussian.Quantities.Select(QuantityResponse.From)] },
        QuantileHead quantiles => new() { Kind = "quantiles", Values = [.. quantiles.Quantities.Select(QuantityResponse.From)], Levels = quantiles.Levels },
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

    [Description("What of the time it is: minute, hour, weekday, day, month or dayOfYear.")]
    public string? Calendar { get; init; }

    internal static QuantityResponse From(Quantity quantity) => new()
    {
        Name = quantity.Name,
        Unit = quantity.Unit,
        Calendar = quantity.Calendar is { } calendar ? JsonNamingPolicy.CamelCase.ConvertName(calendar.ToString()) : null,
    };
}

/// <summary>One entry of a model's layers.</summary>
public sealed record LayerResponse
{
    [Description("embedding, embeddings, masking, elman, lstm, gru, attention, parallel, running-norm, reverse, last, dense, activation, affine, layer-norm or dropout.")]
    public required string Kind { get; init; }

    [Description("Its name; a recurrent layer's state is named after it and its place, such as lstm.0.")]
    public string? Name { get; init; }

    [Description("The width of its output, or of the hidden state of each direction.")]
    public int? Size { get; init; }

    [Description("How many layers stand on each other.")]
    public int? Layers { get; init; }

    [Description("From which end it reads the sequence: forward, backward or bidirectional.")]
    public string? Direction { get; init; }

    [Description("The stacks of a parallel layer, which read the same input; the one of a running-norm, which sees it by its moments.")]
    public IReadOnlyList<IReadOnlyList<LayerResponse>>? Branches { get; init; }

    internal static LayerResponse From(LayerManifest layer) => layer switch
    {
        EmbeddingManifest embedding => new() { Kind = "embedding", Name = embedding.Name, Size = embedding.Size },
        EmbeddingsManifest embeddings => new() { Kind = "embeddings", Name = embeddings.Name, Size = embeddings.Sizes.Sum() },
        DenseManifest dense => new() { Kind = "dense", Name = dense.Name, Size = dense.Size },
        ElmanManifest elman => Recurrent("elman", elman),
        LstmManifest lstm => Recurrent("lstm", lstm),
        GruManifest gru => Recurrent("gru", gru),
        ParallelManifest parallel => new()
        {
            Kind = "parallel",
            Branches = [.. parallel.Branches.Select(IReadOnlyList<LayerResponse> (branch) => [.. branch.Select(From)])],
        },
        RunningNormManifest norm => new() { Kind = "running-norm", Name = norm.Name, Branches = [[.. norm.Layers.Select(From)]] },
        AffineManifest affine => new() { Kind = "affine", Name = affine.Name },
        LayerNormManifest norm => new() { Kind = "layer-norm", Name = norm.Name },
        AttentionManifest attention => new() { Kind = "attention", Name = attention.Name },
        MaskingManifest => new() { Kind = "masking" },
        ReverseManifest => new() { Kind = "reverse" },
        LastManifest => new() { Kind = "last" },
        ActivationManifest => new() { Kind = "activation" },
        DropoutManifest => new() { Kind = "dropout" },
        _ => throw new UnreachableException($"No description of {layer.GetType()}. This is a bug."),
    };

    static LayerResponse Recurrent(string kind, RecurrentManifest layer) => new()
    {
        Kind = kind,
        Name = layer.Name,
        Size = layer.HiddenSize,
        Layers = layer.Layers,
        Direction = layer.Direction.ToString().ToLowerInvariant(),
    };
}
