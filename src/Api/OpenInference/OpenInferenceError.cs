using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>An error as this protocol tells it, on all of its routes, those that are none included.</summary>
/// <param name="Error">What is wrong.</param>
sealed record OpenInferenceError(string Error)
{
    /// <summary>Whether a request is one of this protocol.</summary>
    public static bool Owns(HttpRequest request) => request.Path.StartsWithSegments("/v2", StringComparison.Ordinal);

    /// <summary>The status of every kind of error: that of the native protocol, but for what clients of this one know by another.</summary>
    public static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.SessionNotFound or ErrorKind.NotSupported or ErrorKind.StateRefused or ErrorKind.KeyReused => StatusCodes.Status400BadRequest,
        _ => Problem.StatusOf(kind),
    };

    /// <summary>What an exception that is somebody's fault is answered; null for any other.</summary>
    public static IResult? Of(Exception exception) => exception switch
    {
        EngineException engine => Of(StatusOf(engine.Kind), engine.Message),
        JsonException json => Of(StatusCodes.Status400BadRequest, $"failed to parse the request JSON buffer: {JsonFault.Describe(json)}"),
        InvalidDataException => Of(StatusCodes.Status400BadRequest, "The body is not compressed as its Content-Encoding says."),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Of(StatusCodes.Status413PayloadTooLarge),
        BadHttpRequestException request => Of(request.StatusCode, request.Message),
        _ => null,
    };

    /// <summary>A bare status.</summary>
    public static JsonHttpResult<OpenInferenceError> Of(int status) => Of(status, status switch
    {
        StatusCodes.Status404NotFound => "Not Found",
        StatusCodes.Status405MethodNotAllowed => "Method Not Allowed",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than this server takes (Server:MaxBodyBytes); send a long sequence in parts.",
        StatusCodes.Status415UnsupportedMediaType => "Send the body as application/json or application/octet-stream.",
        StatusCodes.Status500InternalServerError => "The server failed; its log says how.",
        _ => $"The request ended with status {status}.",
    });

    /// <summary>The server is not ready.</summary>
    public static JsonHttpResult<OpenInferenceError> NotReady(string why) => Of(StatusCodes.Status503ServiceUnavailable, $"Not ready: {why}");

    /// <summary>A status, and what is wrong.</summary>
    public static JsonHttpResult<OpenInferenceError> Of(int status, string message) =>
        TypedResults.Json(new OpenInferenceError(message), statusCode: status);
}
