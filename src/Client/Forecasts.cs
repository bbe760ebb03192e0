namespace Rnn.Client;

/// <summary>A series to be continued.</summary>
public record Series
{
    /// <summary>What you call it; the reply says it again.</summary>
    public string? Id { get; init; }

    /// <summary>The time of the first row; on a session, of the first step to forecast.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The time between two rows, an ISO 8601 duration: PT1H, P1D, P1M.</summary>
    public string? Interval { get; init; }

    /// <summary>The time of each row, and if there is no interval of each step to forecast; instead of <see cref="Start"/>.</summary>
    public IReadOnlyList<DateTimeOffset>? Timestamps { get; init; }

    /// <summary>A row for each timestep: the features that are not of the calendar, in the model's units. Null stands for what is missing.</summary>
    public IReadOnlyList<IReadOnlyList<double?>?>? Values { get; init; }

    /// <summary>The covariates of the steps to forecast, those features that are no targets.</summary>
    public IReadOnlyList<IReadOnlyList<double?>?>? Future { get; init; }
}

/// <summary>What to forecast: several series, or one whose properties stand beside the others.</summary>
public sealed record ForecastRequest : Series
{
    /// <summary>Several series, none of which sees the others.</summary>
    public IReadOnlyList<Series>? Series { get; init; }

    /// <summary>How many steps; as many as the future has rows if null.</summary>
    public int? Horizon { get; init; }

    /// <summary>The probabilities of the quantiles to tell of each value.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>How many paths to draw of each series.</summary>
    public int? Samples { get; init; }

    /// <summary>The same seed draws the same paths.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether to tell the paths themselves.</summary>
    public bool? Paths { get; init; }

    /// <summary>The model's version; its highest if null. Only on a stateless call.</summary>
    public int? Version { get; init; }
}

/// <summary>How series go on.</summary>
public sealed record ForecastReply
{
    /// <summary>The model that ran.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its version.</summary>
    public int Version { get; init; }

    /// <summary>The session, which stays where it is; null on a stateless call.</summary>
    public string? Session { get; init; }

    /// <summary>How many timesteps led to the session's state.</summary>
    public long? Step { get; init; }

    /// <summary>Give it again to draw the same paths; null if none were drawn.</summary>
    public ulong? Seed { get; init; }

    /// <summary>What is forecast, in the order in which values, quantiles and paths hold it.</summary>
    public IReadOnlyList<Quantity> Targets { get; init; } = [];

    /// <summary>A forecast of each series, in their order.</summary>
    public IReadOnlyList<Forecast> Forecasts { get; init; } = [];

    /// <summary>How many values were missing and were estimated.</summary>
    public int? Imputed { get; init; }
}

/// <summary>What a value is.</summary>
public sealed record Quantity
{
    /// <summary>What it is.</summary>
    public string Name { get; init; } = "";

    /// <summary>The unit in which it is read and written.</summary>
    public string? Unit { get; init; }

    /// <summary>What of the time it is.</summary>
    public string? Calendar { get; init; }
}

/// <summary>How one series goes on.</summary>
public sealed record Forecast
{
    /// <summary>What you called the series.</summary>
    public string? Id { get; init; }

    /// <summary>Draws the same paths if this series is forecast alone; null if none were drawn.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The steps to come.</summary>
    public IReadOnlyList<ForecastStep> Steps { get; init; } = [];

    /// <summary>The paths, if they were asked for: the targets of each step.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<float>>>? Paths { get; init; }
}

/// <summary>A step to come.</summary>
public sealed record ForecastStep
{
    /// <summary>When it is, if that is known.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The targets in their units: of a model that tells distributions, their medians.</summary>
    public IReadOnlyList<float> Values { get; init; } = [];

    /// <summary>The quantiles that were asked for, by their probability.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<float>>? Quantiles { get; init; }
}
