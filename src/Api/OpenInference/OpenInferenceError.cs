using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>An error as this protocol tells it, on all of its routes, those that are none included.</summary>
/// <param name="Error">What is wrong.</param>
sealed record OpenInferenceError(string Error)
{
    /// <summary>Where its routes begin.</summary>
    public const string Prefix = "/v2";

    /// <summary>What clients of this protocol know by status 400.</summary>
    static readonly HashSet<string> BadRequests =
    [
        Problem.NameOf(ErrorKind.SessionNotFound), Problem.NameOf(ErrorKind.NotSupported), Problem.NameOf(ErrorKind.StateRefused), Problem.NameOf(ErrorKind.KeyReused),
    ];

    /// <summary>Whether a request is one of this protocol.</summary>
    public static bool Owns(HttpRequest request) => request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal);

    /// <summary>The status of a problem where it is another than that of the native protocol.</summary>
    public static int? StatusOf(ProblemDetails problem) =>
        Problem.NameOf(problem) is { } name && BadRequests.Contains(name) ? StatusCodes.Status400BadRequest : null;

    /// <summary>A problem in the words that this protocol has for it.</summary>
    public static OpenInferenceError Of(ProblemDetails problem) => new(Problem.NameOf(problem) switch
    {
        "no-such-route" => "Not Found",
        "method-not-allowed" => "Method Not Allowed",
        "unsupported-media-type" => "Send the body as application/json or application/octet-stream.",
        "invalid-json" => $"failed to parse the request JSON buffer: {problem.Detail}",
        _ => problem.Detail ?? (problem.Status == StatusCodes.Status500InternalServerError
            ? "The server failed; its log says how."
            : $"The request ended with status {problem.Status}."),
    });

    /// <summary>The server is not ready.</summary>
    public static JsonHttpResult<OpenInferenceError> NotReady(string why) =>
        TypedResults.Json(new OpenInferenceError($"Not ready: {why}"), statusCode: StatusCodes.Status503ServiceUnavailable);
}
