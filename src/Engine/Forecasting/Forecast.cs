namespace Rnn.Engine.Forecasting;

/// <summary>The continuation of one series, in the user's units.</summary>
/// <param name="Id">What its owner calls it.</param>
/// <param name="Steps">The timesteps to come.</param>
public sealed record Forecast(string? Id, IReadOnlyList<ForecastStep> Steps)
{
    /// <summary>What draws its paths again, as the seed of a forecast of this series alone; null if none were drawn.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The paths, if they were asked for: the targets of each timestep.</summary>
    public IReadOnlyList<float[][]>? Paths { get; init; }

    /// <summary>How many values of its past and of its known future were missing, and were estimated.</summary>
    public required int Imputed { get; init; }
}

/// <summary>A timestep to come.</summary>
/// <param name="Time">When; null if that is not known.</param>
/// <param name="Values">The targets: of a model that tells distributions, their medians.</param>
/// <param name="Quantiles">The quantiles that were asked for, each of all targets.</param>
public sealed record ForecastStep(DateTimeOffset? Time, float[] Values, IReadOnlyList<float[]> Quantiles);
