using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Rnn.Api.Security;
using Rnn.Engine.Telemetry;

namespace Rnn.Api.Observability;

/// <summary>
/// Metrics for Prometheus at <c>/metrics</c>; metrics, traces and logs to an OpenTelemetry collector if one is named. The only file that
/// knows the packages.
/// </summary>
static class Telemetry
{
    /// <summary>The route of the metrics.</summary>
    public const string Path = "/metrics";

    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether there is a collector to send to.</summary>
    public static bool IsSent(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[Endpoint] ?? Options(configuration).Otlp);

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<TelemetryOptions>("Telemetry");
        builder.Services.AddSingleton(services => new EngineMetrics(services.GetRequiredService<IMeterFactory>().Create(EngineMetrics.MeterName)));
        var (isScraped, isSent) = (Options(builder.Configuration).Metrics, IsSent(builder.Configuration));
        if (!isScraped && !isSent)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "rnn", serviceVersion: Version))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(EngineMetrics.MeterName).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation();
                if (isScraped)
                {
                    metrics.AddPrometheusExporter();
                }
            });
        if (isSent)
        {
            // OpenTelemetry reads this and its other variables from the configuration: the protocol, headers, intervals, the sampler.
            builder.Configuration[Endpoint] ??= Options(builder.Configuration).Otlp;
            telemetry
                .WithTracing(traces => traces
                    .AddSource(EngineTracing.SourceName)
                    .AddAspNetCoreInstrumentation(options => options.Filter = http => !IsPolled(http.Request.Path)))
                .WithLogging(configureBuilder: null, options => options.IncludeFormattedMessage = true)
                .UseOtlpExporter();
        }
    }

    /// <summary>Whether a path is asked for all the time by machines, which is not worth a line or a span.</summary>
    public static bool IsPolled(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments(Path);

    public static void MapMetrics(this WebApplication app)
    {
        if (app.Services.GetRequiredService<TelemetryOptions>().Metrics)
        {
            app.MapPrometheusScrapingEndpoint(Path).RequireScope(Scopes.Metrics);
        }
    }

    static string? Version => typeof(Telemetry).Assembly.GetName().Version?.ToString(3);

    static TelemetryOptions Options(IConfiguration configuration) => configuration.GetSection("Telemetry").Get<TelemetryOptions>() ?? new();
}
