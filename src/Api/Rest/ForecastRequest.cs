using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rnn.Engine;
using Rnn.Engine.Forecasting;

namespace Rnn.Api.Rest;

/// <summary>A series to be continued.</summary>
public record SeriesDocument
{
    [Description("What you call it; the reply says it again.")]
    public string? Id { get; init; }

    [Description("The time of the first row, in ISO 8601; on a session, of the first step to forecast. Needed with its interval if the model has features of the calendar, which follow from it on the clock of its own offset; UTC without one.")]
    public string? Start { get; init; }

    [Description("The time between two rows, an ISO 8601 duration: PT1H, P1D, P1M.")]
    public string? Interval { get; init; }

    [Description("The time of each row, and if there is no interval of each step to forecast; instead of start.")]
    public IReadOnlyList<string>? Timestamps { get; init; }

    [Description("What was observed, a row for each timestep: the features that are not of the calendar, in the model's order and units. Null stands for a row or a value that is missing. None on a session, whose state it is.")]
    public IReadOnlyList<IReadOnlyList<double?>?>? Values { get; init; }

    [Description("The covariates of the steps to forecast, those features that are no targets; of all but the last step at least. Null stands for the value before.")]
    public IReadOnlyList<IReadOnlyList<double?>?>? Future { get; init; }

    /// <param name="pointer">Where this stands in the request.</param>
    internal ForecastSeries ToSeries(string pointer) => new()
    {
        Id = Id,
        Pointer = pointer,
        Values = Values ?? [],
        Future = Future ?? [],
        Times = Times(pointer),
    };

    Timeline? Times(string pointer)
    {
        var interval = Interval is null ? (Interval?)null : IsoTime.Interval(Interval, $"{pointer}/interval");
        return this switch
        {
            { Start: not null, Timestamps: not null } =>
                throw EngineException.Input($"{pointer}/timestamps", "There are both start and timestamps; one of them says when."),
            { Start: { } start } => new Timeline([IsoTime.Time(start, $"{pointer}/start")], interval),
            { Timestamps: { Count: > 0 } times } => new Timeline([.. times.Select((time, index) => IsoTime.Time(time, $"{pointer}/timestamps/{index}"))], interval),
            { Interval: not null } => throw EngineException.Input($"{pointer}/start", "There is an interval, and no start."),
            _ => null,
        };
    }
}

/// <summary>What to forecast: series, or one whose properties stand beside the others.</summary>
public sealed record ForecastRequest : SeriesDocument
{
    [Description("Several series, none of which sees the others.")]
    public IReadOnlyList<SeriesDocument>? Series { get; init; }

    [Description("How many steps; as many as the future has rows if left out."), Range(1, int.MaxValue)]
    public int? Horizon { get; init; }

    [Description("The probabilities of the quantiles to tell of each value, above 0 and below 1.")]
    public IReadOnlyList<double>? Quantiles { get; init; }

    [Description("How many paths to draw of each series; values and quantiles are then theirs. If left out, 100 where paths are needed: for quantiles beyond the first step.")]
    [Range(1, ForecastPlan.MaxSamples)]
    public int? Samples { get; init; }

    [Description("The same seed draws the same paths. A fresh one is taken if left out; the reply tells which.")]
    public ulong? Seed { get; init; }

    [Description("Whether the reply holds the paths themselves.")]
    public bool Paths { get; init; }

    [Description("The model's version; its default if left out. Only on a stateless call: a session has its own.")]
    public int? Version { get; init; }

    internal ForecastPlan ToPlan() => new()
    {
        Version = Version,
        Series = _ => Series is null ? [ToSeries("")] : All(Series),
        Horizon = Horizon,
        Quantiles = Quantiles ?? [],
        Samples = Samples,
        Seed = Seed,
        TellsPaths = Paths,
    };

    IReadOnlyList<ForecastSeries> All(IReadOnlyList<SeriesDocument> series) => (Id ?? Start ?? Interval ?? (object?)Timestamps ?? Values ?? Future) is null
        ? [.. series.Select((one, index) => (one ?? throw EngineException.Input($"/series/{index}", "A series is an object; this is null.")).ToSeries($"/series/{index}"))]
        : throw EngineException.Input("/series", "There is one series beside others in 'series'; put all of them into it.");
}
