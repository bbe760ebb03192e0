using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
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

        var problem = exception switch
        {
            EngineException engine => Problem.Of(engine),
            BadHttpRequestException { InnerException: JsonException json } => Problem.Of(json),
            BadHttpRequestException request => Problem.Of(request),
            JsonException json => Problem.Of(json),
            _ => null,
        };
        if (problem is null)
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
}
