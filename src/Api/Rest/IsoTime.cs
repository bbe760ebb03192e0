using System.Globalization;
using System.Text.RegularExpressions;
using Rnn.Engine;
using Rnn.Engine.Forecasting;

namespace Rnn.Api.Rest;

/// <summary>Times and durations as ISO 8601 writes them.</summary>
static partial class IsoTime
{
    const long MonthsOfCalendar = 12 * 9_999;

    static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd",
    ];

    /// <summary>A time; one without an offset is on the clock of UTC.</summary>
    /// <param name="text">Such as <c>2013-03-01T09:00+08:00</c>.</param>
    /// <param name="pointer">Where it stands.</param>
    /// <exception cref="EngineException">It is none.</exception>
    public static DateTimeOffset Time(string? text, string pointer) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw EngineException.Input(pointer, $"'{text}' is no time of ISO 8601, such as 2013-03-01T09:00:00+08:00 or 2013-03-01.");

    /// <summary>A time as replies tell it.</summary>
    public static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);

    /// <summary>A duration above 0.</summary>
    /// <param name="text">Such as <c>PT1H</c>, <c>P1D</c> or <c>P1M</c>.</param>
    /// <param name="pointer">Where it stands.</param>
    /// <exception cref="EngineException">It is none.</exception>
    public static Interval Interval(string text, string pointer)
    {
        var parts = Duration().Match(text);
        var months = 12 * Number("years") + Number("months");
        var seconds = ((7 * Number("weeks") + Number("days")) * 24 + Number("hours")) * 3_600 + Number("minutes") * 60 + Number("seconds");
        var ticks = seconds * TimeSpan.TicksPerSecond;
        return parts.Success && months <= MonthsOfCalendar && ticks <= TimeSpan.MaxValue.Ticks && months + ticks > 0
            ? new((int)months, new TimeSpan((long)ticks))
            : throw EngineException.Input(pointer, $"'{text}' is no duration of ISO 8601 above 0, such as PT1H, P1D or P1M.");

        decimal Number(string name) => decimal.TryParse(parts.Groups[name].Value, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    [GeneratedRegex(
        @"^P(?=[0-9T])(?:(?<years>[0-9]{1,9})Y)?(?:(?<months>[0-9]{1,9})M)?(?:(?<weeks>[0-9]{1,9})W)?(?:(?<days>[0-9]{1,9})D)?"
        + @"(?:T(?=[0-9])(?:(?<hours>[0-9]{1,9})H)?(?:(?<minutes>[0-9]{1,9})M)?(?:(?<seconds>[0-9]{1,9}(?:\.[0-9]{1,7})?)S)?)?\z")]
    private static partial Regex Duration();
}
