using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>What the server is.</summary>
sealed record ServerDocument(
    [property: Description("Its name.")] string Name,
    [property: Description("Its version.")] string Version,
    [property: Description("The extensions of the protocol that it offers.")] IReadOnlyList<string> Extensions);

/// <summary>Whether the server lives.</summary>
sealed record LiveDocument([property: Description("That it does.")] bool Live);

/// <summary>Whether the server is ready.</summary>
sealed record ReadyDocument([property: Description("That it is.")] bool Ready);

/// <summary>Whether a model is ready.</summary>
sealed record ModelReadyDocument(
    [property: Description("The model's name.")] string Name,
    [property: Description("That it is.")] bool Ready);

/// <summary>What a model reads and tells.</summary>
sealed record ModelDocument
{
    [Description("The model's name.")]
    public required string Name { get; init; }

    [Description("Its versions; of a request for one version, that one.")]
    public required IReadOnlyList<string> Versions { get; init; }

    [Description("What runs it.")]
    public string Platform { get; init; } = ModelTensors.Platform;

    [Description("What it reads.")]
    public required IReadOnlyList<TensorDocument> Inputs { get; init; }

    [Description("What it tells.")]
    public required IReadOnlyList<TensorDocument> Outputs { get; init; }

    [Description("What else it takes and is.")]
    public required IReadOnlyDictionary<string, string> Properties { get; init; }

    internal static ModelDocument From(ModelTensors model, IEnumerable<ModelTensors> versions) => new()
    {
        Name = model.Model.Name,
        Versions = [.. versions.Select(version => version.Version)],
        Inputs = [.. model.Inputs.Select(TensorDocument.From)],
        Outputs = [.. model.Outputs.Select(TensorDocument.From)],
        Properties = model.Properties,
    };
}

/// <summary>A tensor of a model.</summary>
sealed record TensorDocument(
    [property: Description("Its name.")] string Name,
    [property: Description("Its datatype, such as FP32.")] string Datatype,
    [property: Description("The length of each dimension; -1 for one that varies.")] IReadOnlyList<long> Shape)
{
    internal static TensorDocument From(TensorMetadata tensor) => new(tensor.Name, tensor.Datatype.Name, tensor.Shape);
}

/// <summary>A model's configuration, as far as there is one: its tensors, and how long an idle sequence lives.</summary>
sealed record ConfigDocument
{
    [Description("The model's name.")]
    public required string Name { get; init; }

    [Description("What runs it.")]
    public string Platform { get; init; } = ModelTensors.Platform;

    [Description("0: the shapes of the tensors hold the batch.")]
    public int MaxBatchSize { get; init; }

    [Description("What it reads.")]
    public required IReadOnlyList<ConfigTensor> Input { get; init; }

    [Description("What it tells.")]
    public required IReadOnlyList<ConfigTensor> Output { get; init; }

    [Description("Of a model that keeps a state between the requests of a sequence.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SequenceConfig? SequenceBatching { get; init; }

    internal static ConfigDocument From(ModelTensors model, TimeSpan idle) => new()
    {
        Name = model.Model.Name,
        Input = [.. model.Inputs.Select(input => ConfigTensor.From(input))],
        Output = [.. model.Outputs.Select(output => ConfigTensor.From(output))],
        SequenceBatching = model.Model.IsCausal && model.Model.Encoder is null ? new((long)idle.TotalMicroseconds) : null,
    };
}

/// <summary>A tensor in a configuration.</summary>
sealed record ConfigTensor(
    [property: Description("Its name.")] string Name,
    [property: Description("Its datatype, such as TYPE_FP32.")] string DataType,
    [property: Description("The length of each dimension; -1 for one that varies.")] IReadOnlyList<long> Dims)
{
    internal static ConfigTensor From(TensorMetadata tensor) =>
        new(tensor.Name, tensor.Datatype == Datatype.Bytes ? "TYPE_STRING" : $"TYPE_{tensor.Datatype}", tensor.Shape);
}

/// <summary>How sequences are kept.</summary>
sealed record SequenceConfig([property: Description("How long a sequence lives after its last request, in microseconds.")] long MaxSequenceIdleMicroseconds);

/// <summary>What was counted of models.</summary>
sealed record StatisticsDocument([property: Description("One entry for each version of each model.")] IReadOnlyList<ModelStatistics> ModelStats);

/// <summary>What was counted of a version of a model.</summary>
sealed record ModelStatistics
{
    [Description("The model's name.")]
    public required string Name { get; init; }

    [Description("Its version.")]
    public required string Version { get; init; }

    [Description("When the last call succeeded, in milliseconds since 1970; 0 if none did.")]
    public required long LastInference { get; init; }

    [Description("How many sequences the calls held that succeeded, each batch's all.")]
    public required long InferenceCount { get; init; }

    [Description("How many calls succeeded.")]
    public required long ExecutionCount { get; init; }

    [Description("How many calls there were, and how long they took.")]
    public required InferenceStats InferenceStats { get; init; }

    internal static ModelStatistics From(ModelTensors model, ModelCounts counts) => new()
    {
        Name = model.Model.Name,
        Version = model.Version,
        LastInference = counts.Last?.ToUnixTimeMilliseconds() ?? 0,
        InferenceCount = counts.Sequences,
        ExecutionCount = counts.Succeeded.Calls,
        InferenceStats = new(DurationDocument.From(counts.Succeeded), DurationDocument.From(counts.Failed)),
    };
}

/// <summary>Calls by how they ended.</summary>
sealed record InferenceStats(
    [property: Description("Those that succeeded.")] DurationDocument Success,
    [property: Description("Those that failed.")] DurationDocument Fail);

/// <summary>How many calls, and how long they took together.</summary>
sealed record DurationDocument(
    [property: Description("How many.")] long Count,
    [property: Description("How long, in nanoseconds.")] long Ns)
{
    internal static DurationDocument From(Duration duration) => new(duration.Calls, (long)duration.Took.TotalNanoseconds);
}

/// <summary>Which models to list.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
sealed record IndexRequest
{
    [Description("Whether to list only models that are ready.")]
    public bool Ready { get; init; }
}

/// <summary>A version of a model in the repository.</summary>
sealed record IndexEntry(
    [property: Description("The model's name.")] string Name,
    [property: Description("Its version.")] string Version,
    [property: Description("READY, LOADING or UNAVAILABLE.")] string State,
    [property: Description("Why it is not ready; empty if it is.")] string Reason)
{
    internal static IndexEntry From(ModelStatus model) => new(
        model.Name,
        model.Version?.ToString(CultureInfo.InvariantCulture) ?? "",
        model.State switch { ModelState.Ready => "READY", ModelState.Loading => "LOADING", _ => "UNAVAILABLE" },
        model.Reason ?? (model.State == ModelState.Unloaded ? "unloaded" : ""));
}
