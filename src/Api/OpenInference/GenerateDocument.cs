using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rnn.Api.Rest;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>A generation, as this protocol's extension asks for it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
sealed record GenerateDocument
{
    /// <summary>What may be set of a generation; not what the native protocol would reply with in ways that this one can't.</summary>
    static readonly string[] Settings =
    [
        "maxLength", "temperature", "topK", "topP", "minP", "typicalP", "repetitionPenalty", "presencePenalty", "frequencyPenalty",
        "pattern", "seed", "stop", "echo", "bestOf", "beams", "lengthPenalty",
    ];

    [Description("What the client calls the request; told again.")]
    public string? Id { get; init; }

    [Description("The prompt; of an encoder-decoder, the source.")]
    public required string TextInput { get; init; }

    [Description("As in the native protocol's generate, in snake_case or camelCase: max_length or max_tokens, temperature, top_k, top_p, seed, stop and so on.")]
    public IReadOnlyDictionary<string, JsonElement>? Parameters { get; init; }

    /// <summary>The same as the native protocol says it.</summary>
    /// <exception cref="JsonException">A parameter is not what it must be.</exception>
    /// <exception cref="EngineException">It is to belong to a sequence.</exception>
    public GenerateRequest ToRequest(JsonSerializerOptions json)
    {
        var settings = new JsonObject { ["text"] = TextInput };
        foreach (var (name, value) in Parameters ?? new Dictionary<string, JsonElement>())
        {
            if (name.StartsWith("sequence_", StringComparison.Ordinal))
            {
                throw EngineException.Input($"/parameters/{name}", "A generation of this protocol belongs to no sequence; a session's generate of the native protocol goes on from it.");
            }

            if (Setting(name) is { } setting)
            {
                settings[setting] = setting == "stop" && value.ValueKind == JsonValueKind.String ? new JsonArray(JsonValue.Create(value)) : JsonNode.Parse(value.GetRawText());
            }
        }

        return settings.Deserialize<GenerateRequest>(json)!;
    }

    static string? Setting(string name)
    {
        var words = name.Split('_');
        var camel = string.Concat(words.Take(1).Concat(words.Skip(1).Select(word => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(word))));
        return name == "max_tokens" ? "maxLength" : Array.Find(Settings, setting => setting == camel);
    }
}

/// <summary>What was generated: all of it, or of a stream a piece; or what went wrong with the stream.</summary>
sealed record GenerateReply
{
    [Description("What the client called the request.")]
    public string? Id { get; init; }

    [Description("The model that ran.")]
    public string? ModelName { get; init; }

    [Description("Its version.")]
    public string? ModelVersion { get; init; }

    [Description("The text.")]
    public string? TextOutput { get; init; }

    [Description("Of a stream that failed: why; the only member then.")]
    public string? Error { get; init; }
}
