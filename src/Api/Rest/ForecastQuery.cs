using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Rnn.Engine;
using Rnn.Engine.Forecasting;

namespace Rnn.Api.Rest;

/// <summary>What a forecast's options are when its body is a table, which has no room for them.</summary>
public readonly record struct ForecastQuery
{
    const string Only = "Only with a body of text/csv.";

    [FromQuery(Name = "horizon"), Description($"How many steps; as many as there are rows without targets at the end if left out. {Only}")]
    public int? Horizon { get; init; }

    [FromQuery(Name = "interval"), Description($"The time between two rows, an ISO 8601 duration, if the timestamps do not go on to the last step. {Only}")]
    public string? Interval { get; init; }

    [FromQuery(Name = "quantiles"), Description($"The probabilities of the quantiles to tell, such as 0.1,0.9. {Only}")]
    public string? Quantiles { get; init; }

    [FromQuery(Name = "samples"), Description($"How many paths to draw. {Only}")]
    public int? Samples { get; init; }

    [FromQuery(Name = "seed"), Description($"The same seed draws the same paths. {Only}")]
    public ulong? Seed { get; init; }

    [FromQuery(Name = "version"), Description($"The model's version. {Only}")]
    public int? Version { get; init; }

    internal ForecastPlan ToPlan(ForecastTable table, bool isSession)
    {
        var interval = Interval is null ? (Interval?)null : IsoTime.Interval(Interval, "/interval");
        return new()
        {
            Version = Version,
            Series = columns => table.ToSeries(columns, interval, isSession),
            Horizon = Horizon,
            Quantiles = Probabilities(),
            Samples = Samples,
            Seed = Seed,
        };
    }

    /// <summary>Refuses options in the URL beside those of a JSON body: only one of them could hold.</summary>
    internal void ExpectNone()
    {
        if (this != default)
        {
            throw EngineException.Input("", "The body is JSON, which holds the options itself; leave them out of the URL.");
        }
    }

    IReadOnlyList<double> Probabilities() => Quantiles is null
        ? []
        : [.. Quantiles.Split(',').Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability)
            ? probability
            : throw EngineException.Input("/quantiles", $"'{text}' is no probability; quantiles are numbers with commas between, such as 0.1,0.9."))];
}
