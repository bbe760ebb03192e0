using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Rnn.Engine;

namespace Rnn.Api.Errors;

/// <summary>The problem of one call among several in a document, a line or a message.</summary>
static class PartProblem
{
    /// <summary>Whether it is the call's own fault, or the server's state, so that the other calls go on.</summary>
    public static bool Is(Exception exception) => exception is EngineException || JsonFault.Of(exception) is not null;

    /// <param name="exception">What <see cref="Is"/> holds for.</param>
    /// <param name="place">Where the call stands, as a JSON pointer; "" if it is all there is.</param>
    public static ProblemDetails Of(Exception exception, string place) => exception switch
    {
        EngineException { Pointer: { } pointer, Kind: var kind } => Problem.Of(new EngineException(kind, exception.Message, place + pointer)).ProblemDetails,
        EngineException engine => Problem.Of(engine).ProblemDetails,
        _ when JsonFault.Of(exception) is { } json => Problem.Of(new JsonException(json.Message, $"${PathOf(place)}{json.Path?.TrimStart('$')}", json.LineNumber, json.BytePositionInLine)).ProblemDetails,
        _ => throw new ArgumentException($"{exception.GetType()} is nobody's fault. This is a bug.", nameof(exception)),
    };

    /// <summary>The same fault, of JSON that begins <paramref name="bytes"/> after the start of line <paramref name="line"/> (from 0) of a longer text.</summary>
    public static JsonException Moved(JsonException exception, long line, long bytes) => new(
        exception.Message,
        exception.Path,
        exception.LineNumber + line,
        exception.LineNumber == 0 ? exception.BytePositionInLine + bytes : exception.BytePositionInLine);

    static string PathOf(string pointer) => pointer.Replace('/', '.');
}
