using System.Text.Json;
using System.Text.Unicode;

namespace Rnn.Engine.Formats;

/// <summary>
/// JSON of files that are not trusted. A document that is well-formed may still hold strings that are none, as UTF-8 or by a lone
/// surrogate, and fails only when they are read; here it fails at once.
/// </summary>
static class UntrustedJson
{
    const int MaxBytes = 16 << 20;

    /// <summary>Parses a document.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="what">What the JSON is, to complete "is not the JSON of".</param>
    /// <param name="json">Its bytes.</param>
    /// <param name="options">How deep it may be, and whether names may be there twice.</param>
    /// <exception cref="EngineException">It is no JSON, or too much of it.</exception>
    public static JsonDocument Parse(string file, string what, ReadOnlyMemory<byte> json, JsonDocumentOptions options = default)
    {
        if (json.Length > MaxBytes || !Utf8.IsValid(json.Span))
        {
            throw EngineException.Model($"{file}: {what} is no UTF-8, or has more than {MaxBytes} bytes.");
        }

        try
        {
            ExpectStrings(json.Span, options.MaxDepth);
            return JsonDocument.Parse(json, options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw EngineException.Model($"{file}: {what} is no JSON that can be read: {exception.Message}");
        }
    }

    static void ExpectStrings(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                reader.GetString();                        // throws on half of a surrogate pair
            }
        }
    }
}
