using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rnn.Engine;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Observability;

/// <summary>
/// Live: the process answers. Ready: all models that were there at the start are loaded, the sessions' store can be reached and the process
/// is not stopping; if not, the answer says why. What came later and was refused takes no server out of service: it is ready, and says so.
/// </summary>
static class Health
{
    const string Ready = "ready";

    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<Readiness>("models", tags: [Ready]).AddCheck<Reachability>("store", tags: [Ready]);

    /// <summary>Whether a check is of readiness.</summary>
    public static bool IsForReadiness(HealthCheckRegistration check) => check.Tags.Contains(Ready);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = IsForReadiness,
            ResponseWriter = (http, report) => http.Response.WriteAsync(
                string.Join('\n', report.Entries.Values.Select(entry => entry.Description).Prepend(report.Status.ToString()).OfType<string>())),
        });
    }

    sealed class Readiness(ModelCatalog models, IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
            Task.FromResult(
                lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The process is stopping.")
                : models.Refused.Count > 0 ? HealthCheckResult.Unhealthy(string.Join('\n', models.Refused))
                : !models.All.Any() ? HealthCheckResult.Unhealthy("No model is loaded.")
                : models.RefusedSince is [] ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(string.Join('\n', models.RefusedSince)));
    }

    sealed class Reachability(SessionTable sessions) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            try
            {
                await sessions.ProbeAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (EngineException exception)
            {
                return HealthCheckResult.Unhealthy(exception.Message);
            }
        }
    }
}
