using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Rnn.Api.OpenInference;

/// <summary>The JSON of this protocol, generated at compile time: names in snake_case.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenInferenceError))]
[JsonSerializable(typeof(ServerDocument))]
[JsonSerializable(typeof(LiveDocument))]
[JsonSerializable(typeof(ReadyDocument))]
[JsonSerializable(typeof(ModelReadyDocument))]
[JsonSerializable(typeof(ModelDocument))]
[JsonSerializable(typeof(ConfigDocument))]
[JsonSerializable(typeof(StatisticsDocument))]
[JsonSerializable(typeof(IndexRequest))]
[JsonSerializable(typeof(IReadOnlyList<IndexEntry>))]
[JsonSerializable(typeof(InferDocument))]
[JsonSerializable(typeof(InferReplyDocument))]
[JsonSerializable(typeof(GenerateDocument))]
[JsonSerializable(typeof(GenerateReply))]
sealed partial class OpenInferenceJson : JsonSerializerContext
{
    /// <summary>The types of this protocol among those of the others, whose names are in camelCase.</summary>
    public static IJsonTypeInfoResolver InSnakeCase => Default.WithAddedModifier(type =>
    {
        foreach (var property in type.Kind == JsonTypeInfoKind.Object ? type.Properties : [])
        {
            property.Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        }
    });
}
