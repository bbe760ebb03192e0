using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rnn.Api.Rest;

/// <summary>What a client calls a call: a whole number or a string, told again with the answer.</summary>
/// <param name="Text">As JSON. A number and a string of the same digits are two.</param>
readonly record struct CallId(string Text)
{
    const int MaxLength = 100;

    /// <summary>Reads the value that the reader stands at.</summary>
    /// <exception cref="JsonException">It is not an ID.</exception>
    public static CallId Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt64(out var number) => new($"{number}"),
        JsonTokenType.String when reader.GetString() is { Length: > 0 and <= MaxLength } text && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') =>
            new($"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\""),
        _ => throw new JsonException($"An id is a whole number, or a string of 1 to {MaxLength} printable ASCII characters.", "$.id", 0, reader.TokenStartIndex),
    };

    /// <summary>Takes the property <c>id</c> out of an object: it becomes blanks, so that places in what is left stay the same.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="JsonException">This is not an object, or the ID is none.</exception>
    public static CallId? TakeFrom(Span<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The call must be an object.", "$", 0, 0);
        }

        for (var before = (int)reader.BytesConsumed; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; before = (int)reader.BytesConsumed)
        {
            if (!reader.ValueTextEquals("id"u8))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            var id = Read(ref reader);
            Blank(json, before, (int)reader.BytesConsumed);
            return id;
        }

        return null;
    }

    /// <param name="json">The object.</param>
    /// <param name="from">Where the token before the property ends; its comma, if it has one, follows.</param>
    /// <param name="to">Where the property's value ends.</param>
    static void Blank(Span<byte> json, int from, int to)
    {
        var comma = to + json[to..].IndexOfAnyExcept(" \t\r\n"u8);
        var hasNext = comma >= to && json[comma] == ',';
        var start = from + json[from..to].IndexOf((byte)'"');
        json[(hasNext ? start : from)..(hasNext ? comma + 1 : to)].Fill((byte)' ');
    }
}
