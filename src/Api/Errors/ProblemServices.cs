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
            var http = context.HttpContext;
            return GrpcStatus.Of(http.Response) is null
                ? Problem.Of(http.Response.StatusCode).ExecuteAsync(http)
                : Task.CompletedTask;                      // gRPC has said all in its headers
        });
    }
}
