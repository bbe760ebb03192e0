using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rnn.Engine;

namespace Rnn.Api.Errors;

/// <summary>
/// Problem details (RFC 9457). <c>type</c> is <c>urn:rnn:problem:{kind}</c>; <c>errors</c> points at the place in the
/// request (RFC 6901). docs/errors.md lists them all.
/// </summary>
static partial class Problem
{
    /// <summary>What the type of every problem begins with, before its name.</summary>
    public const string TypePrefix = "urn:rnn:problem:";

    /// <summary>The HTTP status of every kind of error: the one place that decides it.</summary>
    public static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidInput => StatusCodes.Status400BadRequest,
        ErrorKind.ModelsFixed => StatusCodes.Status403Forbidden,
        ErrorKind.ModelNotFound or ErrorKind.SessionNotFound => StatusCodes.Status404NotFound,
        ErrorKind.SessionExists or ErrorKind.ModelChanged or ErrorKind.ModelUnloaded or ErrorKind.CallInProgress or ErrorKind.AnswerNotKept => StatusCodes.Status409Conflict,
        ErrorKind.SessionEnded => StatusCodes.Status410Gone,
        ErrorKind.StepMismatch => StatusCodes.Status412PreconditionFailed,
        ErrorKind.NotSupported or ErrorKind.BadModel or ErrorKind.StateRefused or ErrorKind.StepNotKept or ErrorKind.KeyReused => StatusCodes.Status422UnprocessableEntity,
        ErrorKind.SessionsFull or ErrorKind.Overloaded or ErrorKind.SessionMoved or ErrorKind.StoreUnavailable => StatusCodes.Status503ServiceUnavailable,
        ErrorKind.StoreFull or ErrorKind.OwnerFull => StatusCodes.Status507InsufficientStorage,
        _ => throw new UnreachableException($"No status for {kind}. This is a bug."),
    };

    /// <summary>
    /// Whether the same request may succeed later, and does no harm if it was carried out already. Clients that repeat every 409 and
    /// 5xx by themselves read it from a header.
    /// </summary>
    /// <param name="exception">What the request is answered.</param>
    /// <param name="isSafeTwice">Whether the request itself says how it is applied once only.</param>
    public static bool IsWorthRetrying(EngineException exception, bool isSafeTwice) =>
        (exception.Kind is ErrorKind.CallInProgress || StatusOf(exception.Kind) == StatusCodes.Status503ServiceUnavailable)
        && (isSafeTwice || !exception.IsUnsure);

    public static ProblemHttpResult Of(EngineException exception) => Of(
        StatusOf(exception.Kind), NameOf(exception.Kind), TitleOf(exception.Kind), exception.Message, exception.Pointer);

    public static ProblemHttpResult Of(JsonException exception) => Of(
        StatusCodes.Status400BadRequest, "invalid-json", "The body is not the JSON that is expected",
        JsonFault.Describe(exception), JsonFault.PointerOf(exception));

    public static ProblemHttpResult Of(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status415UnsupportedMediaType => Of(exception.StatusCode),
        _ when exception.Message.Contains("no body was provided", StringComparison.Ordinal) => Of(
            exception.StatusCode, "invalid-json", "The body is not the JSON that is expected",
            "There is no body; a JSON object is expected.", pointer: ""),
        _ when UnboundParameter().Match(exception.Message) is { Success: true } parameter => Of(
            exception.StatusCode, "invalid-input", "The input can't be used",
            $"The parameter '{parameter.Groups["name"].Value}' can't be read from what was given.", $"/{parameter.Groups["name"].Value}"),
        _ => Of(exception.StatusCode, "bad-request", "The request can't be read", exception.Message, pointer: null),
    };

    /// <summary>A bare status.</summary>
    public static ProblemHttpResult Of(int status) => status switch
    {
        StatusCodes.Status404NotFound => Of(
            status, "no-such-route", "Not found", "There is no such route; /swagger lists them all.", pointer: null),
        StatusCodes.Status405MethodNotAllowed => Of(
            status, "method-not-allowed", "Method not allowed", "The route does not take this method; the Allow header lists those it takes.", pointer: null),
        StatusCodes.Status413PayloadTooLarge => Of(
            status, "body-too-large", "The body is too large",
            "The body is larger than this server takes (Server:MaxBodyBytes); send a long sequence in parts, on a session.", pointer: ""),
        StatusCodes.Status415UnsupportedMediaType => Of(
            status, "unsupported-media-type", "The body's media type is not read here",
            "Send the body as application/json, and say so in Content-Type.", pointer: null),
        StatusCodes.Status426UpgradeRequired => Of(
            status, "upgrade-required", "This is a WebSocket", "Open it with a WebSocket client, such as new WebSocket(url) of a browser.", pointer: null),
        StatusCodes.Status403Forbidden => Of(
            status, "origin-refused", "The page may not call this",
            "A page of another origin may call this only if Server:SocketOrigins names that origin.", pointer: "/Origin"),
        _ => TypedResults.Problem(statusCode: status),
    };

    /// <summary>The name of a problem; null if it is none of docs/errors.md.</summary>
    public static string? NameOf(ProblemDetails problem) =>
        problem.Type is { } type && type.StartsWith(TypePrefix, StringComparison.Ordinal) ? type[TypePrefix.Length..] : null;

    /// <summary>Where in the request the fault is, as a JSON pointer; null if nowhere in particular.</summary>
    public static string? PointerOf(ProblemDetails problem) =>
        problem.Extensions.TryGetValue("errors", out var errors) && errors is ProblemError[] and [var first, ..] ? first.Pointer : null;

    /// <summary>A problem that is none of the engine's.</summary>
    public static ProblemHttpResult Of(int status, string name, string title, string detail, string? pointer) => TypedResults.Problem(
        detail,
        statusCode: status,
        title: title,
        type: TypePrefix + name,
        extensions: pointer is null ? null : new Dictionary<string, object?>
        {
            ["errors"] = new ProblemError[] { new(pointer, detail) },
        });

    /// <summary>The name of a kind of error, which is what its problem's type ends with.</summary>
    public static string NameOf(ErrorKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    static string TitleOf(ErrorKind kind) => kind switch
    {
        ErrorKind.InvalidInput => "The input can't be used",
        ErrorKind.NotSupported => "The model doesn't offer this",
        ErrorKind.ModelNotFound => "No such model",
        ErrorKind.SessionNotFound => "No such session",
        ErrorKind.SessionEnded => "The session has ended",
        ErrorKind.SessionExists => "The session exists already",
        ErrorKind.SessionsFull => "There is no room for another session",
        ErrorKind.Overloaded => "The model is busy",
        ErrorKind.StateRefused => "The state can't be used",
        ErrorKind.StepMismatch => "The session is elsewhere",
        ErrorKind.SessionMoved => "The session was moved by other servers",
        ErrorKind.ModelChanged => "The model is another one now",
        ErrorKind.ModelUnloaded => "The model is unloaded",
        ErrorKind.ModelsFixed => "What is served can't be changed by calls",
        ErrorKind.StepNotKept => "The state of that step is not kept",
        ErrorKind.KeyReused => "The idempotency key stands for another request",
        ErrorKind.CallInProgress => "The call is still under way",
        ErrorKind.AnswerNotKept => "The call was applied before, and its answer is not kept",
        ErrorKind.StoreFull => "The store of the sessions has no room",
        ErrorKind.OwnerFull => "You have no room for another session",
        ErrorKind.StoreUnavailable => "The store of the sessions can't be reached",
        _ => "The model can't be served",
    };

    [GeneratedRegex("^Failed to bind parameter \"\\S+ (?<name>\\w+)\"")]
    private static partial Regex UnboundParameter();
}

/// <summary>One fault in a request.</summary>
/// <param name="Pointer">Where, as a JSON pointer; "" is the whole body.</param>
/// <param name="Detail">What was found, and what was expected.</param>
sealed record ProblemError(string Pointer, string Detail);
