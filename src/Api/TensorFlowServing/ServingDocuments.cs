using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine.Models;

namespace Rnn.Api.TensorFlowServing;

/// <summary>GetModelStatusResponse. A version that is listed is served.</summary>
sealed record VersionStatusDocument([property: JsonPropertyName("model_version_status")] IReadOnlyList<VersionStatus> Versions)
{
    public static VersionStatusDocument From(RecurrentModel model) =>
        new([new(model.Version.ToString(CultureInfo.InvariantCulture), "AVAILABLE", new("OK", ""))]);
}

/// <summary>How one version stands.</summary>
sealed record VersionStatus(string Version, string State, StatusCode Status);

/// <summary>StatusProto.</summary>
sealed record StatusCode(
    [property: JsonPropertyName("error_code")] string Code, [property: JsonPropertyName("error_message")] string Message);

/// <summary>GetModelMetadataResponse.</summary>
sealed record MetadataDocument(
    [property: JsonPropertyName("model_spec")] ModelSpec Spec, IReadOnlyDictionary<string, SignatureDefMap> Metadata)
{
    public static MetadataDocument From(RecurrentModel model) => new(
        new(model.Name, "", model.Version.ToString(CultureInfo.InvariantCulture)),
        new Dictionary<string, SignatureDefMap> { ["signature_def"] = new(Signature.Of(model).ToDictionary(entry => entry.Name, SignatureDef.From)) });
}

/// <summary>Which model.</summary>
sealed record ModelSpec(string Name, [property: JsonPropertyName("signature_name")] string SignatureName, string Version);

/// <summary>The signatures by name.</summary>
sealed record SignatureDefMap([property: JsonPropertyName("signature_def")] IReadOnlyDictionary<string, SignatureDef> Signatures);

/// <summary>What one signature reads and tells.</summary>
sealed record SignatureDef(
    IReadOnlyDictionary<string, TensorInfo> Inputs,
    IReadOnlyDictionary<string, TensorInfo> Outputs,
    [property: JsonPropertyName("method_name")] string Method)
{
    public static SignatureDef From(Signature signature) => new(
        new Dictionary<string, TensorInfo> { [Signature.Input] = signature.Reads },
        signature.Tells.ToDictionary(tensor => tensor.Name, tensor => TensorInfo.Of("DT_FLOAT", tensor.Name, [.. signature.OuterShape, tensor.Size])),
        "tensorflow/serving/predict");
}

/// <summary>A tensor's name, type and shape.</summary>
sealed record TensorInfo(
    [property: JsonPropertyName("dtype")] string Type, [property: JsonPropertyName("tensor_shape")] TensorShape Shape, string Name)
{
    public static TensorInfo Of(string type, string name, params IEnumerable<int> sizes) => new(
        type, new([.. sizes.Select(size => new Dimension(size.ToString(CultureInfo.InvariantCulture), ""))], false), name);
}

/// <summary>Sizes from the outside in.</summary>
sealed record TensorShape(
    [property: JsonPropertyName("dim")] IReadOnlyList<Dimension> Dimensions, [property: JsonPropertyName("unknown_rank")] bool HasUnknownRank);

/// <summary>One size; -1 is any. A string, as protobuf's JSON has it for 64 bits.</summary>
sealed record Dimension(string Size, string Name);

/// <summary>A <see cref="MetadataDocument"/>, as the OpenAPI document tells it: the signatures are deeper than schemas may be here.</summary>
sealed record MetadataReplyDocument
{
    [JsonPropertyName("model_spec"), Description("Which model it is.")]
    public required ModelSpec Spec { get; init; }

    [Description("The signatures under `signature_def`, as protobuf's JSON has GetModelMetadataResponse.")]
    public required object Metadata { get; init; }
}

/// <summary>The body of a prediction, as the OpenAPI document tells it; <see cref="PredictBody"/> reads it.</summary>
sealed record PredictDocument
{
    [JsonPropertyName("signature_name"), Description("serving_default, which is meant if there is none, or sequence.")]
    public string? SignatureName { get; init; }

    [Description("The sequences one by one, of any lengths; or inputs.")]
    public IReadOnlyList<JsonElement>? Instances { get; init; }

    [Description("The sequences as a tensor whose first dimension is the batch, or that as the member `input` of an object.")]
    public object? Inputs { get; init; }
}

/// <summary>The reply to a prediction, as the OpenAPI document tells it; <see cref="PredictReply"/> writes it.</summary>
sealed record PredictReplyDocument
{
    [Description("Of each instance its tensor, or its tensors by name if there are several.")]
    public IReadOnlyList<JsonElement>? Predictions { get; init; }

    [Description("In place of predictions, if inputs were given: the tensor, or the tensors by name if there are several.")]
    public object? Outputs { get; init; }
}

/// <summary>The JSON of this protocol, generated at compile time.</summary>
[JsonSerializable(typeof(VersionStatusDocument))]
[JsonSerializable(typeof(MetadataDocument))]
[JsonSerializable(typeof(ServingError))]
sealed partial class ServingJson : JsonSerializerContext;
