using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine;
using Rnn.Engine.Codecs;

namespace Rnn.Api.OpenAi;

/// <summary>One or several inputs, each as text or as token indices: <c>"a"</c>, <c>["a", "b"]</c>, <c>[1, 2]</c> or <c>[[1, 2], [3]]</c>.</summary>
/// <param name="All">In their order; at least one.</param>
/// <param name="IsList">Whether they came as a list of inputs, so that a fault in one is told with its place.</param>
[JsonConverter(typeof(TextInputsConverter))]
public sealed record TextInputs(IReadOnlyList<ModelInput> All, bool IsList)
{
    /// <summary>No text at all: what a model begins to tell by itself.</summary>
    internal static TextInputs None { get; } = new([new ModelInput()], IsList: false);

    /// <summary>Whether it is the input that the engine can't use, which it knows under names of its own.</summary>
    internal static bool IsAtFault(EngineException exception) =>
        exception.Pointer is { } pointer && pointer.Split('/').ElementAtOrDefault(1) is null or "text" or "tokens" or "source";

    /// <summary>Where one of them stands in the request.</summary>
    /// <param name="member">The member that they came in.</param>
    /// <param name="index">Which one.</param>
    internal string PointerOf(string member, int index) => IsList ? $"/{member}/{index}" : $"/{member}";
}

/// <summary>Tells the four forms apart by what comes first.</summary>
sealed class TextInputsConverter : JsonConverter<TextInputs>
{
    const string Expected = "This must be a string, an array of strings, an array of token indices, or an array of such arrays; none of them empty.";

    // A member that is null is told from one that is not there.
    public override bool HandleNull => true;

    public override TextInputs Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return root.ValueKind switch
        {
            JsonValueKind.Null => TextInputs.None,
            JsonValueKind.String => new([TextOf(root)], IsList: false),
            JsonValueKind.Array when root.GetArrayLength() > 0 => root[0].ValueKind switch
            {
                JsonValueKind.String => new([.. root.EnumerateArray().Select(TextOf)], IsList: true),
                JsonValueKind.Array => new([.. root.EnumerateArray().Select(TokensOf)], IsList: true),
                _ => new([TokensOf(root)], IsList: false),
            },
            _ => throw new JsonException(Expected),
        };
    }

    public override void Write(Utf8JsonWriter writer, TextInputs value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A request is read only.");

    static ModelInput TextOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? new() { Text = element.GetString() } : throw new JsonException(Expected);

    static ModelInput TokensOf(JsonElement element) => element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0
        ? new() { Tokens = [.. element.EnumerateArray().Select(TokenOf)] }
        : throw new JsonException(Expected);

    static int TokenOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var token) ? token : throw new JsonException(Expected);
}
