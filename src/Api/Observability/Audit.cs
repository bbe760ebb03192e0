using Grpc.Core;
using Rnn.Api.OpenInference.Grpc;

namespace Rnn.Api.Observability;

/// <summary>
/// The log of what was managed, category <c>Audit</c>: who did what to what, and what came of it, also if it was refused before it reached
/// its route. A route is part of it by its metadata: <c>.Audited("state.put")</c>, or the attribute on a method of gRPC.
/// </summary>
static partial class Audit
{
    const string Anonymous = "anonymous";

    /// <summary>Has the calls of a route written down.</summary>
    /// <param name="route">The route.</param>
    /// <param name="action">What it does: a noun and a verb, such as <c>session.delete</c>.</param>
    public static TBuilder Audited<TBuilder>(this TBuilder route, string action)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AuditedAttribute(action));

    /// <summary>Says what a call is about, where its route does not.</summary>
    public static void Names(HttpContext http, string target) => http.Features.Set(new Target(target));

    /// <summary>Before everything that may answer, so that the outcome is what the client was told.</summary>
    public static void UseAudit(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(Audit));
        app.Use(next => http => http.GetEndpoint()?.Metadata.GetMetadata<AuditedAttribute>() is { } audited
            ? WriteAsync(log, audited.Action, http, next)
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
            var (status, grpc) = (http.Response.StatusCode, GrpcStatus.Of(http.Response));
            var isDone = status < StatusCodes.Status400BadRequest && grpc is null or StatusCode.OK;
            Managed(
                log,
                http.User.Identity?.Name ?? Anonymous,
                http.Connection.RemoteIpAddress?.ToString(),
                action,
                http.Features.Get<Target>()?.Name ?? target,
                isDone ? "done" : "refused",
                grpc is null ? status : grpc);
        }
    }

    [LoggerMessage(1100, LogLevel.Information, "{Who} at {Address}: {Action} of {Target} {Outcome} ({Status})", EventName = "Managed")]
    static partial void Managed(ILogger logger, string who, string? address, string action, string target, string outcome, object status);

    sealed record Target(string Name);
}

/// <summary>The calls of a method are written down.</summary>
/// <param name="action">What it does: a noun and a verb, such as <c>model.load</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
sealed class AuditedAttribute(string action) : Attribute
{
    public string Action => action;
}
