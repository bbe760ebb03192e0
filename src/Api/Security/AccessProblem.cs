using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Errors;

namespace Rnn.Api.Security;

/// <summary>What is told to who may not pass, or not now.</summary>
static class AccessProblem
{
    public static ProblemHttpResult KeyMissing { get; } = Problem.Of(
        StatusCodes.Status401Unauthorized, "key-missing", "A key is needed",
        "Send your key in the header Authorization: Bearer, or X-Api-Key.", pointer: null);

    public static ProblemHttpResult KeyUnknown { get; } = Problem.Of(
        StatusCodes.Status401Unauthorized, "key-unknown", "The key is not taken",
        "The key or token is not known here, or has expired.", pointer: null);

    public static ProblemHttpResult TooManyFailures { get; } = Problem.Of(
        StatusCodes.Status429TooManyRequests, "too-many-failures", "Too many wrong keys",
        "From this address came too many keys or tokens that are not taken (Access:FailuresPerMinute).", pointer: null);

    public static ProblemHttpResult TooManyRequests { get; } = Problem.Of(
        StatusCodes.Status429TooManyRequests, "too-many-requests", "Too many requests",
        "The key has used up its requests (Access:RequestsPerSecond, Access:Burst); Retry-After tells when there is another.", pointer: null);

    public static ProblemHttpResult MemoryShort { get; } = Problem.Of(
        StatusCodes.Status503ServiceUnavailable, "memory-short", "The server is short of memory",
        "No new work is taken until some memory is free (Server:MemoryWatermark).", pointer: null);

    public static ProblemHttpResult TimedOut { get; } = Problem.Of(
        StatusCodes.Status504GatewayTimeout, "timed-out", "The request took too long",
        "The request took longer than one may (Server:RequestTimeout); nothing of it was kept that was not answered.", pointer: null);

    public static ProblemHttpResult HostRefused { get; } = Problem.Of(
        StatusCodes.Status400BadRequest, "host-refused", "The server does not go by this name",
        "The server listens on this machine alone, and answers to localhost, 127.0.0.1 and [::1]; AllowedHosts adds other names.", pointer: "/Host");

    public static ProblemHttpResult ScopeMissing(IEnumerable<string> scopes) => Problem.Of(
        StatusCodes.Status403Forbidden, "scope-missing", "The key is not for this",
        $"This takes a key with the scope '{string.Join("', '", scopes)}'.", pointer: null);
}
