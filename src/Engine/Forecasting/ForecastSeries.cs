namespace Rnn.Engine.Forecasting;

/// <summary>A series to be continued, in the user's units.</summary>
public sealed record ForecastSeries
{
    /// <summary>What its owner calls it; null for nothing.</summary>
    public string? Id { get; init; }

    /// <summary>Where it lies in the caller's document, such as <c>/series/3</c>; "" for the whole of it.</summary>
    public string Pointer { get; init; } = "";

    /// <summary>
    /// What was observed, a row for each timestep with the features that are not of the calendar, in the model's order. A row or a
    /// value that is missing is null. Of a session, which has read its past, none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<double?>?> Values { get; init; } = [];

    /// <summary>The covariates of the timesteps to come, in the model's order.</summary>
    public IReadOnlyList<IReadOnlyList<double?>?> Future { get; init; } = [];

    /// <summary>The times of the timesteps; null if they are not known.</summary>
    public Timeline? Times { get; init; }
}
