using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.Security;

/// <summary>
/// Refuses calls of a model that has more of them than it can answer before anything but the path is read. Of those there are many when there
/// are any, so each must cost little: without this, to refuse one costs as much as a step of a small model.
/// </summary>
static class Overload
{
    /// <summary>Says that an endpoint's calls run the model or the session that its path names.</summary>
    public static T RunsModel<T>(this T endpoints)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(Mark.OfModel);

    public static void Use(IApplicationBuilder app)
    {
        var engine = app.ApplicationServices.GetRequiredService<InferenceEngine>();
        app.Use((http, next) => http.GetEndpoint()?.Metadata.GetMetadata<Mark>() is null ? next(http) : RunAsync(engine, http, next));
    }

    static async Task RunAsync(InferenceEngine engine, HttpContext http, RequestDelegate next)
    {
        var route = http.Request.RouteValues;
        var refusal = await engine.RefusalAsync((string?)route["model"], (string?)route["id"], http.RequestAborted);
        try
        {
            if (refusal is null)
            {
                await next(http);
                return;
            }
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.Overloaded && !http.Response.HasStarted)
        {
            refusal = exception;                           // told here, it does not climb through all that lies above
        }

        await ProblemHandler.AnswerAsync(http, refusal);
    }

    sealed class Mark
    {
        public static Mark OfModel { get; } = new();
    }
}
