using System.ComponentModel;
using System.Globalization;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Forecasting;

namespace Rnn.Api.Rest;

/// <summary>How series go on.</summary>
public sealed record ForecastResponse
{
    [Description("The model that ran.")]
    public required string Model { get; init; }

    [Description("Its version.")]
    public required int Version { get; init; }

    [Description("The session, which stays where it is; none on a stateless call.")]
    public string? Session { get; init; }

    [Description("How many timesteps led to the session's state.")]
    public long? Step { get; init; }

    [Description("Give it again to draw the same paths; none if none were drawn.")]
    public ulong? Seed { get; init; }

    [Description("What is forecast, in the order in which values, quantiles and paths hold it.")]
    public required IReadOnlyList<QuantityResponse> Targets { get; init; }

    [Description("A forecast of each series, in their order.")]
    public required IReadOnlyList<ForecastDocument> Forecasts { get; init; }

    [Description("How many values were missing and were estimated; none if all were there.")]
    public int? Imputed { get; init; }

    internal static ForecastResponse From(ForecastResult result, ForecastPlan plan)
    {
        var levels = plan.Quantiles.Select(probability => probability.ToString(CultureInfo.InvariantCulture)).ToList();
        return new()
        {
            Model = result.Model.Name,
            Version = result.Model.Version,
            Session = result.Session?.Id,
            Step = result.Session?.State.Step,
            Seed = result.Forecasts[0].Seed,
            Targets = [.. ((NumericHead)result.Model.Output).Quantities.Select(QuantityResponse.From)],
            Forecasts = [.. result.Forecasts.Select(forecast => ForecastDocument.From(forecast, levels))],
            Imputed = result.Forecasts.Sum(forecast => forecast.Imputed) is > 0 and var imputed ? imputed : null,
        };
    }
}

/// <summary>How one series goes on.</summary>
public sealed record ForecastDocument
{
    [Description("What you called the series.")]
    public string? Id { get; init; }

    [Description("Draws the same paths if this series is forecast alone; none if none were drawn.")]
    public ulong? Seed { get; init; }

    [Description("The steps to come.")]
    public required IReadOnlyList<ForecastStepDocument> Steps { get; init; }

    [Description("The paths, if they were asked for: the targets of each step.")]
    public IReadOnlyList<float[][]>? Paths { get; init; }

    internal static ForecastDocument From(Forecast forecast, IReadOnlyList<string> levels) => new()
    {
        Id = forecast.Id,
        Seed = forecast.Seed,
        Steps = [.. forecast.Steps.Select(step => ForecastStepDocument.From(step, levels))],
        Paths = forecast.Paths,
    };
}

/// <summary>A step to come.</summary>
public sealed record ForecastStepDocument
{
    [Description("When it is, if that is known.")]
    public string? Timestamp { get; init; }

    [Description("The targets in their units: of a model that tells distributions, their medians.")]
    public required float[] Values { get; init; }

    [Description("The quantiles that were asked for, by their probability.")]
    public IReadOnlyDictionary<string, float[]>? Quantiles { get; init; }

    internal static ForecastStepDocument From(ForecastStep step, IReadOnlyList<string> levels) => new()
    {
        Timestamp = step.Time is { } time ? IsoTime.Text(time) : null,
        Values = step.Values,
        Quantiles = levels.Count == 0 ? null : levels.Zip(step.Quantiles).ToDictionary(quantile => quantile.First, quantile => quantile.Second),
    };
}
