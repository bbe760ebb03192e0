using System.Diagnostics;
using Rnn.Engine.Codecs;

namespace Rnn.Engine.Forecasting;

/// <summary>
/// The timesteps of one series as the model's features: those of the past, and those of the time to come as far as a forecast reads
/// them. Targets that are not known are left open, for the model's own predictions.
/// </summary>
sealed class SeriesRows
{
    const double Open = double.NaN;

    readonly ForecastColumns _columns;
    readonly string _pointer;
    readonly double[][] _rows;                             // [past + horizon - 1, features]

    /// <param name="columns">What the model's features are.</param>
    /// <param name="series">What was given.</param>
    /// <param name="horizon">How many timesteps are forecast. The last is not read.</param>
    /// <exception cref="EngineException">Something is missing that can't be estimated, or can't be read.</exception>
    public SeriesRows(ForecastColumns columns, ForecastSeries series, int horizon)
    {
        _columns = columns;
        _pointer = series.Pointer;
        Id = series.Id;
        Past = series.Values.Count;
        Times = series.Times?.First(Past + horizon, _pointer);
        if (Times is null && columns.Calendar.Count > 0)
        {
            throw EngineException.Input(
                $"{_pointer}/start", $"{columns.NamesOf(columns.Calendar)} follow from the time: give start and interval, or timestamps.");
        }

        if (columns.Covariates.Count > 0 && series.Future.Count < horizon - 1)
        {
            throw EngineException.Input(
                $"{_pointer}/future",
                $"There are {series.Future.Count} rows; to forecast {horizon} timesteps, {columns.NamesOf(columns.Covariates)} must be known for the first {horizon - 1}.");
        }

        _rows = Fill(series, horizon);
    }

    public string? Id { get; }

    /// <summary>How many timesteps were observed.</summary>
    public int Past { get; }

    /// <summary>The times of all timesteps, those that are forecast too; null if they are not known.</summary>
    public DateTimeOffset[]? Times { get; }

    /// <summary>How many values of the past, and covariates of the future, were missing.</summary>
    public int Missing { get; private set; }

    /// <summary>Whether a timestep lacks a target, so that what the model predicts is needed first.</summary>
    public bool IsOpen(int timestep) => _columns.Targets.Any(target => double.IsNaN(_rows[timestep][target]));

    /// <summary>Writes what the network reads of a timestep.</summary>
    /// <param name="timestep">Which.</param>
    /// <param name="predicted">The targets to take where they are open.</param>
    /// <param name="vector">[I].</param>
    /// <exception cref="EngineException">A value lies outside the range of its scaling.</exception>
    public void Encode(int timestep, ReadOnlySpan<float> predicted, Span<float> vector)
    {
        for (var feature = 0; feature < _columns.Features.Count; feature++)
        {
            var value = _rows[timestep][feature];
            var isPredicted = double.IsNaN(value);
            if (!FeatureCodec.TryEncode(_columns.Features[feature], isPredicted ? predicted[TargetOf(feature)] : value, ref vector))
            {
                throw isPredicted
                    ? new EngineException(
                        ErrorKind.InvalidInput, $"The prediction of {_columns.Features[feature].Name} leaves the range of its scaling with these inputs.")
                    : Refused(PointerOf(timestep, feature), feature);
            }
        }
    }

    double[][] Fill(ForecastSeries series, int horizon)
    {
        var last = new double[_columns.Features.Count];
        Array.Fill(last, Open);

        var rows = new double[Past + horizon - 1][];
        for (var timestep = 0; timestep < rows.Length; timestep++)
        {
            var (given, features, pointer) = timestep < Past
                ? (series.Values[timestep], _columns.Given, $"{_pointer}/values/{timestep}")
                : (series.Future.ElementAtOrDefault(timestep - Past), _columns.Covariates, $"{_pointer}/future/{timestep - Past}");
            rows[timestep] = Row(given, features, pointer, last);
            Missing += given?.Count(value => value is null) ?? features.Count;
            foreach (var feature in _columns.Calendar)
            {
                rows[timestep][feature] = CalendarFeatures.Of(_columns.Features[feature].Calendar!.Value, Times![timestep]);
            }
        }

        for (var extra = horizon - 1; extra < Math.Min(horizon, series.Future.Count); extra++)
        {
            // The forecast's last row is given too, as a rule: not read, but no less checked.
            Row(series.Future[extra], _columns.Covariates, $"{_pointer}/future/{extra}", last);
        }

        if (Past > 0 && _columns.Targets.Order().FirstOrDefault(target => double.IsNaN(rows[0][target]), -1) is >= 0 and var missing)
        {
            throw EngineException.Input(
                PointerOf(0, missing), $"{_columns.Features[missing].Name} is missing in the first row, with nothing before it to estimate it from. Begin with a row that is known.");
        }

        return rows;
    }

    /// <param name="given">What was given; null if all of it is missing.</param>
    /// <param name="features">Which features those are.</param>
    /// <param name="pointer">Where.</param>
    /// <param name="last">The value of each covariate before, and after, this row.</param>
    double[] Row(IReadOnlyList<double?>? given, IReadOnlyList<int> features, string pointer, double[] last)
    {
        if (given is not null && given.Count != features.Count)
        {
            throw EngineException.Input(
                pointer,
                features.Count == 0
                    ? $"There are {given.Count} values; this model has no covariates, so nothing of the time to come is given."
                    : $"There are {given.Count} values; a row has {features.Count} here: {_columns.NamesOf(features)}.");
        }

        var row = new double[_columns.Features.Count];
        Array.Fill(row, Open);
        foreach (var (place, feature) in features.Index())
        {
            var value = given?[place];
            if (value is { } known && !float.IsFinite((float)known))
            {
                throw Refused($"{pointer}/{place}", feature);
            }

            row[feature] = value ?? Open;
            if (_columns.Covariates.Contains(feature))
            {
                row[feature] = last[feature] = value ?? last[feature];
                if (double.IsNaN(last[feature]))
                {
                    throw EngineException.Input(
                        $"{pointer}/{place}", $"{_columns.Features[feature].Name} is missing, and no row before has it. Its last value stands for one that is missing.");
                }
            }
        }

        return row;
    }

    int TargetOf(int feature)
    {
        for (var target = 0; target < _columns.Targets.Count; target++)
        {
            if (_columns.Targets[target] == feature)
            {
                return target;
            }
        }

        throw new UnreachableException("Only targets are left open. This is a bug.");
    }

    string PointerOf(int timestep, int feature) => timestep < Past
        ? $"{_pointer}/values/{timestep}/{PlaceOf(feature, _columns.Given)}"
        : $"{_pointer}/future/{timestep - Past}/{PlaceOf(feature, _columns.Covariates)}";

    static int PlaceOf(int feature, IReadOnlyList<int> features) => features.Index().First(item => item.Item == feature).Index;

    EngineException Refused(string pointer, int feature) => EngineException.Input(
        pointer, $"{_columns.Features[feature].Name} must be a number that float32 holds, within the range of its scaling.");
}
