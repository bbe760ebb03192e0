using System.Globalization;
using System.Text.RegularExpressions;
using Rnn.Engine;
using Rnn.Engine.Forecasting;

namespace Rnn.Api.Rest;

/// <summary>
/// Series in a table: a column for each feature that is not of the calendar, and perhaps one for the time and one for the series'
/// ID. Rows after the last that has a target are of the time to come.
/// </summary>
/// <param name="table">The table.</param>
sealed partial class ForecastTable(CsvTable table)
{
    const string TimeColumn = "timestamp";
    const string SeriesColumn = "series";

    // The rows of each series, past and then future, when they are known.
    List<List<(int Line, string[] Fields)>> _groups = [];
    int[] _past = [];

    /// <param name="columns">What the model's features are.</param>
    /// <param name="interval">The time from the last row that has one on; null for nothing after it.</param>
    /// <param name="isSession">Whether the past is a session's, so that all rows are of the time to come.</param>
    /// <exception cref="EngineException">A column is missing or not known, or a field can't be read.</exception>
    public IReadOnlyList<ForecastSeries> ToSeries(ForecastColumns columns, Interval? interval, bool isSession)
    {
        var places = Places(columns, isSession);
        var id = PlaceOf(SeriesColumn, columns);
        var time = PlaceOf(TimeColumn, columns);
        _groups = [.. table.Rows.GroupBy(row => id is null ? "" : row.Fields[id.Value], (_, rows) => rows.ToList())];
        _past = [.. _groups.Select(rows => 1 + rows.FindLastIndex(row => columns.Targets.Any(target => !IsEmpty(row, places[target]))))];
        if (isSession && _groups.Count == 0)
        {
            _groups = [[]];                                // nothing is known of the time to come, nor need be
            _past = [0];
        }

        return
        [
            .. _groups.Select((rows, index) => new ForecastSeries
            {
                Id = id is null ? null : rows[0].Fields[id.Value],
                Pointer = $"/series/{index}",
                Values = [.. rows[.._past[index]].Select(row => Numbers(row, columns.Given, places))],
                Future = [.. rows[_past[index]..].Select(row => Numbers(row, columns.Covariates, places))],
                Times = time is null || rows.Count == 0
                    ? null
                    : new Timeline([.. rows.Select((row, place) => IsoTime.Time(row.Fields[time.Value].Trim(), $"/series/{index}/timestamps/{place}"))], interval),
            }),
        ];
    }

    /// <summary>The same fault, with its line in the table instead of its place in a JSON document.</summary>
    public EngineException Locate(EngineException fault)
    {
        if (Place().Match(fault.Pointer ?? "") is not { Success: true } place)
        {
            return fault;
        }

        var series = int.Parse(place.Groups["series"].ValueSpan, CultureInfo.InvariantCulture);
        var rows = _groups[series];
        if (!place.Groups["row"].Success)
        {
            var message = _groups.Count > 1 ? $"In the series that ends in line {rows[^1].Line}: {fault.Message}" : fault.Message;
            return new(fault.Kind, message, place.Groups["part"].Value == "interval" ? "/interval" : "");
        }

        var row = int.Parse(place.Groups["row"].ValueSpan, CultureInfo.InvariantCulture) + (place.Groups["part"].Value == "future" ? _past[series] : 0);
        return new(fault.Kind, $"Line {rows[row].Line}: {fault.Message}", "");
    }

    /// <summary>In which column each feature stands; null if in none.</summary>
    int?[] Places(ForecastColumns columns, bool isSession)
    {
        var places = new int?[columns.Features.Count];
        foreach (var (place, name) in table.Header.Index())
        {
            if (table.Header.Take(place).Contains(name, StringComparer.Ordinal))
            {
                throw EngineException.Input("", $"Line 1: the column '{name}' is there twice.");
            }

            var feature = columns.Features.Index().FirstOrDefault(feature => feature.Item.Name == name, (-1, null!)).Index;
            if (feature >= 0 && columns.Given.Contains(feature))
            {
                places[feature] = place;
            }
            else if (name is not (TimeColumn or SeriesColumn))
            {
                throw EngineException.Input("", feature >= 0
                    ? $"Line 1: '{name}' follows from the time; leave the column out."
                    : $"Line 1: there is no column '{name}' here. Columns are {Known(columns)}.");
            }
        }

        return columns.Given.Where(feature => places[feature] is null).Except(isSession ? columns.Targets : []).ToList() is [var missing, ..]
            ? throw EngineException.Input("", $"Line 1: the column '{columns.Features[missing].Name}' is missing. Columns are {Known(columns)}.")
            : places;
    }

    static string Known(ForecastColumns columns) =>
        string.Join(", ", columns.Given.Select(feature => columns.Features[feature].Name).Concat([TimeColumn, SeriesColumn]));

    /// <summary>Where a column stands that is no feature; null if it is not there.</summary>
    int? PlaceOf(string name, ForecastColumns columns) =>
        table.Header.Index().Where(column => column.Item == name && columns.Features.All(feature => feature.Name != name)).Select(column => (int?)column.Index).FirstOrDefault();

    IReadOnlyList<double?> Numbers((int Line, string[] Fields) row, IReadOnlyList<int> features, int?[] places) =>
        [.. features.Select(feature => places[feature] is { } place ? Number(row.Line, row.Fields[place], table.Header[place]) : null)];

    static double? Number(int line, string field, string column) =>
        string.IsNullOrWhiteSpace(field) ? null
        : double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw CsvTable.Fault(line, $"'{field}' in column '{column}' is no number; leave the field empty if the value is missing");

    static bool IsEmpty((int Line, string[] Fields) row, int? place) => place is null || string.IsNullOrWhiteSpace(row.Fields[place.Value]);

    [GeneratedRegex(@"^/series/(?<series>[0-9]+)/(?<part>values|future|timestamps|start|interval)(?:/(?<row>[0-9]+)(?:/[0-9]+)?)?\z")]
    private static partial Regex Place();
}
