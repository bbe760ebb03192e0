using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Rest;
using Rnn.Engine;

namespace Rnn.Api.Errors;

/// <summary>Answers every exception that is somebody's fault with a problem document that says whose, where and why.</summary>
sealed class ProblemHandler : IExceptionHandler
{
    const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception exception, CancellationToken cancellationToken)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = ClientClosedRequest;    // nobody reads it; the log shouldn't call it a fault
            return true;
        }

        return await AnswerAsync(http, exception);
    }

    /// <summary>Answers what is somebody's fault.</summary>
    /// <returns>Whether it is.</returns>
    public static async Task<bool> AnswerAsync(HttpContext http, Exception exception)
    {
        exception = JsonFault.Of(exception) ?? exception;
        if (ProblemOf(exception) is not { } problem)
        {
            return false;
        }

        if (exception is EngineException refusal)
        {
            var isWorthRetrying = Problem.IsWorthRetrying(refusal, SessionCall.IsSafeTwice(http.Request.Headers));
            http.Response.Headers["x-should-retry"] = isWorthRetrying ? "true" : "false";
            if (isWorthRetrying)
            {
                http.Response.Headers.RetryAfter = "1";
            }
        }

        await problem.ExecuteAsync(http);
        return true;
    }

    static ProblemHttpResult? ProblemOf(Exception exception) => exception switch
    {
        EngineException engine => Problem.Of(engine),
        BadHttpRequestException request => Problem.Of(request),
        JsonException json => Problem.Of(json),
        _ => null,
    };
}
