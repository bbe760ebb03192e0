namespace Rnn.Api.Observability;

/// <summary>
/// The log of what was managed, category <c>Audit</c>: who did what to what, and what came of it, also if it was refused before it reached
/// its route. A route is part of it by its metadata: <c>.Audited("state.put")</c>.
/// </summary>
static partial class Audit
{
    const string Anonymous = "anonymous";

    /// <summary>Has the calls of a route written down.</summary>
    /// <param name="route">The route.</param>
    /// <param name="action">What it does: a noun and a verb, such as <c>session.delete</c>.</param>
    public static TBuilder Audited<TBuilder>(this TBuilder route, string action)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AuditedAction(action));

    /// <summary>Before everything that may answer, so that the outcome is what the client was told.</summary>
    public static void UseAudit(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Audit));
        app.Use(next => http => http.GetEndpoint()?.Metadata.GetMetadata<AuditedAction>() is { } action
            ? WriteAsync(log, action.Name, http, next)
            : next(http));
    }

    static async Task WriteAsync(ILogger log, string action, HttpContext http, RequestDelegate next)
    {
        // An error handler forgets the route.
        var target = string.Join('/', http.Request.RouteValues.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => value.Value));
        try
        {
            await next(http);
        }
        finally
        {
            var outcome = http.Response.StatusCode < StatusCodes.Status400BadRequest ? "done" : "refused";
            Managed(log, http.User.Identity?.Name ?? Anonymous, http.Connection.RemoteIpAddress?.ToString(), action, target, outcome, http.Response.StatusCode);
        }
    }

    [LoggerMessage(1100, LogLevel.Information, "{Who} at {Address}: {Action} of {Target} {Outcome} ({Status})", EventName = "Managed")]
    static partial void Managed(ILogger logger, string who, string? address, string action, string target, string outcome, int status);

    sealed record AuditedAction(string Name);
}
