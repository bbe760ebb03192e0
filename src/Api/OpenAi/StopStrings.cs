using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rnn.Api.OpenAi;

/// <summary>Texts that end a completion: one string, or an array.</summary>
[JsonConverter(typeof(StopStringsConverter))]
public sealed record StopStrings(IReadOnlyList<string> All);

/// <summary>Takes either form.</summary>
sealed class StopStringsConverter : JsonConverter<StopStrings>
{
    const string Expected = "This must be a string, or an array of strings.";

    public override StopStrings Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return root.ValueKind switch
        {
            JsonValueKind.String => new([TextOf(root)]),
            JsonValueKind.Array => new([.. root.EnumerateArray().Select(TextOf)]),
            _ => throw new JsonException(Expected),
        };
    }

    public override void Write(Utf8JsonWriter writer, StopStrings value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A request is read only.");

    static string TextOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new JsonException(Expected);
}
