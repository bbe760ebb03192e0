using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rnn.Api.Errors;

/// <summary>Says in a client's words what a <see cref="JsonException"/> says in .NET's.</summary>
static partial class JsonFault
{
    /// <summary>
    /// The fault in JSON that an exception tells; null if it tells of something else. A string that is no text, as half of a surrogate pair is
    /// none, is found only when it is read, and told by an exception that names nobody's fault where no serializer is around the reader.
    /// </summary>
    public static JsonException? Of(Exception exception) => exception switch
    {
        JsonException json => json,
        BadHttpRequestException { InnerException: JsonException json } => json,
        InvalidOperationException { Message: var message } when message.Contains("JSON text", StringComparison.Ordinal) => new JsonException("A string here is no text: it has half of a surrogate pair, or bytes that are not UTF-8."),
        _ => null,
    };

    /// <summary>What is wrong and where, without the names of our types.</summary>
    public static string Describe(JsonException exception)
    {
        var position = exception.LineNumber is { } line && exception.BytePositionInLine is { } column
            ? $" (line {line + 1}, byte {column + 1})"
            : "";
        return $"{Reason(exception)}{position}";
    }

    /// <summary>The place as a JSON pointer: <c>$.values[3][2]</c> is <c>/values/3/2</c>.</summary>
    public static string PointerOf(JsonException exception) =>
        PathPart().Replace(exception.Path?.TrimStart('$') ?? "", match => $"/{match.Groups["name"].Value}");

    static string Reason(JsonException exception)
    {
        var message = exception.Message;
        if (Converted().Match(message) is { Success: true } converted)
        {
            return $"This must be {Expected(converted.Groups["type"].Value)}.";
        }

        if (Unmapped().Match(message) is { Success: true } unmapped)
        {
            return $"There is no property '{unmapped.Groups["name"].Value}' here.";
        }

        if (message.Contains("missing required properties", StringComparison.Ordinal))
        {
            return $"Required properties are missing: {message[(message.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]}";
        }

        if (Duplicate().Match(message) is { Success: true } duplicate)
        {
            return $"The property '{duplicate.Groups["name"].Value}' stands here twice.";
        }

        if (message.Contains("null values", StringComparison.Ordinal))
        {
            return "This must not be null.";
        }

        // What is left is about the JSON text itself; .NET appends path and position, which we tell apart.
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal) is var path and >= 0
            ? path
            : message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return end >= 0 ? message[..end] : message;
    }

    static string Expected(string type) => type switch
    {
        _ when type.StartsWith("System.Collections", StringComparison.Ordinal) => "an array",
        _ when type.Contains("Double", StringComparison.Ordinal) || type.Contains("Single", StringComparison.Ordinal) => "a number",
        _ when type.Contains("UInt64", StringComparison.Ordinal) => "a whole number from 0 to 18446744073709551615",
        _ when type.Contains("Int32", StringComparison.Ordinal) || type.Contains("Int64", StringComparison.Ordinal) => "a whole number",
        _ when type.Contains("Boolean", StringComparison.Ordinal) => "true or false",
        _ when type.Contains("String", StringComparison.Ordinal) => "a string",
        _ when type.EndsWith("Readout", StringComparison.Ordinal) => "\"last\" or \"all\"",
        _ => "an object",
    };

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>[^']+)'\]|\[(?<name>\d+)\]")]
    private static partial Regex PathPart();

    [GeneratedRegex(@"could not be converted to (?<type>[^ ]+?)\.(?: |$)")]
    private static partial Regex Converted();

    [GeneratedRegex("Duplicate property '(?<name>[^']*)'")]
    private static partial Regex Duplicate();

    [GeneratedRegex("JSON property '(?<name>[^']*)' could not be mapped")]
    private static partial Regex Unmapped();
}
