using Rnn.Api.OpenInference;
using Rnn.Api.OpenInference.Grpc;

namespace Rnn.Api.Errors;

/// <summary>Puts problem documents in place of every bare or broken answer.</summary>
static class ProblemServices
{
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemHandler>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages(context =>
        {
            if (GrpcStatus.Of(context.HttpContext.Response) is not null)
            {
                return Task.CompletedTask;                 // gRPC has said all in its headers
            }

            var (http, status) = (context.HttpContext, context.HttpContext.Response.StatusCode);
            IResult answer = OpenInferenceError.Owns(http.Request) ? OpenInferenceError.Of(status) : Problem.Of(status);
            return answer.ExecuteAsync(http);
        });
    }
}
