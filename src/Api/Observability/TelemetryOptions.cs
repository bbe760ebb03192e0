using System.ComponentModel.DataAnnotations;

namespace Rnn.Api.Observability;

/// <summary>What is told of the process, and to whom.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Whether <c>/metrics</c> is there, for Prometheus to read.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>
    /// Where metrics, traces and logs are sent by OTLP, such as <c>http://localhost:4317</c>; the variable OTEL_EXPORTER_OTLP_ENDPOINT says
    /// the same. Without either nothing is sent.
    /// </summary>
    [Url]
    public string? Otlp { get; init; }
}
