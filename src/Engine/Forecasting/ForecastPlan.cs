using Rnn.Engine.Codecs;

namespace Rnn.Engine.Forecasting;

/// <summary>What to forecast, how far, and what is told of it. What is null is as usual.</summary>
public sealed record ForecastPlan
{
    /// <summary>The most paths of a series.</summary>
    public const int MaxSamples = 1_000;

    /// <summary>How many paths are drawn if they are needed and nobody says how many.</summary>
    public const int UsualSamples = 100;

    const int MaxQuantiles = 99;

    /// <summary>The model of series that begin at their first row.</summary>
    public string? Model { get; init; }

    /// <summary>The model's version; null for its highest.</summary>
    public int? Version { get; init; }

    /// <summary>The session to go on from, instead of a model. It stays where it is.</summary>
    public string? Session { get; init; }

    /// <summary>Where the session must be; null for anywhere.</summary>
    public string? ExpectedTag { get; init; }

    /// <summary>The series, given what the model's features are. Of a session, one without values.</summary>
    public required Func<ForecastColumns, IReadOnlyList<ForecastSeries>> Series { get; init; }

    /// <summary>How many timesteps; null for as many as the future of each series has rows.</summary>
    public int? Horizon { get; init; }

    /// <summary>The probabilities whose quantiles are told of each value, above 0 and below 1.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [];

    /// <summary>How many paths are drawn of each series. If null, as few as will do: none, or <see cref="UsualSamples"/>.</summary>
    public int? Samples { get; init; }

    /// <summary>What draws the same paths again; null for a fresh one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether the paths are told.</summary>
    public bool TellsPaths { get; init; }

    /// <summary>Checks the plan for series that are known.</summary>
    /// <returns>How many timesteps are forecast, and how many paths are drawn; 0 to feed back the medians.</returns>
    internal (int Horizon, int Samples) Check(string model, NumericHead output, IReadOnlyList<ForecastSeries> series, RequestLimits limits)
    {
        if (series.Count == 0)
        {
            throw EngineException.Input("/series", "There is no series to forecast.");
        }

        var horizon = Horizon ?? series.Min(one => one.Future.Count);
        if (horizon < 1 || horizon > limits.MaxGeneratedLength)
        {
            throw EngineException.Input("/horizon", Horizon is null && horizon == 0
                ? $"Say how many timesteps to forecast: horizon must be 1 to {limits.MaxGeneratedLength}."
                : $"horizon must be 1 to {limits.MaxGeneratedLength}; it is {horizon}.");
        }

        CheckQuantiles();
        if (Samples is < 1 or > MaxSamples)
        {
            throw EngineException.Input("/samples", $"samples must be 1 to {MaxSamples}.");
        }

        ExpectDistribution(model, output);
        var samples = Samples ?? (TellsPaths || (Quantiles.Count > 0 && horizon > 1) ? UsualSamples : 0);
        CheckLength(series, horizon, Math.Max(samples, 1), limits);
        return (horizon, samples);
    }

    void CheckQuantiles()
    {
        if (Quantiles.Count > MaxQuantiles)
        {
            throw EngineException.Input("/quantiles", $"There are {Quantiles.Count} quantiles; at most {MaxQuantiles} are told.");
        }

        var seen = new HashSet<double>();
        foreach (var (index, probability) in Quantiles.Index())
        {
            if (probability is not (> 0 and < 1))
            {
                throw EngineException.Input($"/quantiles/{index}", "A quantile's probability must be above 0 and below 1.");
            }

            if (!seen.Add(probability))
            {
                throw EngineException.Input($"/quantiles/{index}", $"The quantile {probability:R} is there twice.");
            }
        }
    }

    void ExpectDistribution(string model, NumericHead output)
    {
        var asked = Quantiles.Count > 0 ? "quantiles" : Samples is not null ? "samples" : TellsPaths ? "paths" : null;
        if (asked is not null && output is not ProbabilisticHead)
        {
            throw new EngineException(
                ErrorKind.NotSupported,
                $"Model '{model}' tells values without a distribution around them, so there is nothing to draw from. It forecasts without {asked}.",
                $"/{asked}");
        }
    }

    static void CheckLength(IReadOnlyList<ForecastSeries> series, int horizon, int paths, RequestLimits limits)
    {
        var given = series.Sum(one => (long)one.Values.Count);
        if (given > limits.MaxTimesteps)
        {
            throw EngineException.Input(
                series.Count > 1 ? "/series" : $"{series[0].Pointer}/values", $"The series have {given} timesteps in all; one call takes at most {limits.MaxTimesteps}.");
        }

        var told = (long)series.Count * paths * horizon;
        if (told > limits.MaxGeneratedInAll && (long)series.Count * paths > 1)
        {
            throw EngineException.Input(
                paths > 1 ? "/samples" : "/horizon",
                $"{series.Count} series of {paths} paths of {horizon} timesteps are {told}; one call forecasts at most {limits.MaxGeneratedInAll} in all.");
        }
    }
}
