using System.Text;
using System.Text.Json;
using Rnn.Engine;
using Rnn.Engine.Codecs;

namespace Rnn.Api.TensorFlowServing;

/// <summary>One sequence of a prediction, as the kind of input that its model reads.</summary>
static class Instance
{
    const string Bytes = "b64";

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a value is bytes, which JSON holds as an object with base64.</summary>
    public static bool IsBytes(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(Bytes, out _);

    /// <param name="value">The sequence.</param>
    /// <param name="place">Where it stands, as a JSON pointer.</param>
    /// <param name="codec">How its model reads.</param>
    /// <exception cref="EngineException">It is not of that kind.</exception>
    public static ModelInput Read(JsonElement value, string place, InputCodec codec) => (codec, value.ValueKind) switch
    {
        (FeatureCodec, JsonValueKind.Array) when value.GetArrayLength() > 0 && value[0].ValueKind != JsonValueKind.Array =>
            new() { Vector = List(value, place, Number) },
        (FeatureCodec, JsonValueKind.Array) => new() { Values = List(value, place, Row) },
        (FeatureCodec, _) => throw EngineException.Input(place, "A sequence of this model is a list of timesteps, each a list of numbers; or the numbers of one."),
        (_, JsonValueKind.String) => new() { Text = value.GetString() },
        (_, JsonValueKind.Object) when IsBytes(value) => new() { Text = Decoded(value.GetProperty(Bytes), place) },
        (TokenCodec, JsonValueKind.Array) => new() { Tokens = List(value, place, Token) },
        (WordFeatureCodec, JsonValueKind.Array) => new() { Words = List(value, place, Word) },
        (WordFeatureCodec, _) => throw EngineException.Input(place, "A sequence of this model is a text, or a list of its words."),
        _ => throw EngineException.Input(place, "A sequence of this model is a text, or a list of token indices."),
    };

    /// <summary>The same fault, with its place in the request: the engine knows a sequence by itself, below text, tokens, words or values.</summary>
    public static EngineException At(string place, EngineException fault)
    {
        var inner = fault.Pointer is { Length: > 1 } pointer && pointer.IndexOf('/', 1) is > 0 and var start ? pointer[start..] : "";
        return new(fault.Kind, fault.Message, place + inner);
    }

    static IReadOnlyList<double> Row(JsonElement value, string place) => value.ValueKind == JsonValueKind.Array
        ? List(value, place, Number)
        : throw EngineException.Input(place, "A timestep must be a list of numbers.");

    static double Number(JsonElement value, string place) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
        ? number
        : throw EngineException.Input(place, "This must be a number.");

    static int Token(JsonElement value, string place) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var token)
        ? token
        : throw EngineException.Input(place, "This must be the index of a token, a whole number.");

    static string Word(JsonElement value, string place) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : IsBytes(value) ? Decoded(value.GetProperty(Bytes), place)
        : throw EngineException.Input(place, "This must be a word, a string.");

    static string Decoded(JsonElement base64, string place)
    {
        try
        {
            return base64.ValueKind == JsonValueKind.String && base64.TryGetBytesFromBase64(out var bytes)
                ? Utf8.GetString(bytes)
                : throw EngineException.Input($"{place}/{Bytes}", "This must be a string of base64.");
        }
        catch (DecoderFallbackException)
        {
            throw EngineException.Input($"{place}/{Bytes}", "These bytes are not UTF-8; this model reads text.");
        }
    }

    static List<T> List<T>(JsonElement list, string place, Func<JsonElement, string, T> read)
    {
        var items = new List<T>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            items.Add(read(item, $"{place}/{items.Count}"));
        }

        return items;
    }
}
