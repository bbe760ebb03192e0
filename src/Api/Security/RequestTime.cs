using Microsoft.AspNetCore.Http.Timeouts;

namespace Rnn.Api.Security;

/// <summary>How long a request may take.</summary>
static class RequestTime
{
    public static void AddRequestTime(this IServiceCollection services)
    {
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<ServerOptions>((timeouts, server) => timeouts.DefaultPolicy = new()
        {
            Timeout = server.RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
            WriteTimeoutResponse = http => AccessProblem.TimedOut.ExecuteAsync(http),
        });
    }

    /// <summary>Lets an answer that is told bit by bit go on for as long as it has something to tell.</summary>
    public static void AnswersBitByBit(this HttpContext http) => http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
}
