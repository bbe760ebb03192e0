using System.Globalization;
using Rnn.Engine.Forecasting;
using Calendar = Rnn.Engine.Codecs.Calendar;

namespace Rnn.Engine.Tests.Forecasting;

public sealed class TimeTests
{
    [Theory]
    [InlineData("2023-01-31T12:00:00+01:00", 1, "2023-02-28T12:00:00+01:00")]
    [InlineData("2023-01-31T12:00:00+01:00", 2, "2023-03-31T12:00:00+01:00")]      // from the first, not from February's end
    [InlineData("2024-01-31T12:00:00+01:00", 1, "2024-02-29T12:00:00+01:00")]
    [InlineData("2023-11-30T00:00:00Z", 3, "2024-02-29T00:00:00Z")]
    public void Months_follow_the_calendar(string start, int months, string expected) =>
        Assert.Equal(Time(expected), new Interval(1, TimeSpan.Zero).After(Time(start), months));

    [Fact]
    public void Days_are_24_hours_on_the_clock_of_an_offset()
    {
        var day = new Interval(0, TimeSpan.FromDays(1));

        Assert.Equal("2023-03-26T12:00:00+01:00", $"{day.After(Time("2023-03-25T12:00:00+01:00"), 1):yyyy-MM-ddTHH:mm:sszzz}");
        Assert.Equal(Time("2024-03-01T00:00:00Z"), day.After(Time("2024-02-28T00:00:00Z"), 2));
    }

    [Theory]
    [InlineData(Calendar.Minute, 59)]
    [InlineData(Calendar.Hour, 23)]
    [InlineData(Calendar.Weekday, 1)]
    [InlineData(Calendar.Day, 31)]
    [InlineData(Calendar.Month, 12)]
    [InlineData(Calendar.DayOfYear, 366)]
    public void Features_are_those_of_the_clock_on_the_wall(Calendar feature, double expected) =>
        Assert.Equal(expected, CalendarFeatures.Of(feature, Time("2024-12-31T23:59:00+05:30")));         // a Tuesday; in UTC it is 18:29

    [Theory]
    [InlineData("2024-01-01", 0)]                          // a Monday
    [InlineData("2024-01-06", 5)]
    [InlineData("2024-01-07", 6)]
    public void Weeks_begin_on_Monday(string day, double expected) =>
        Assert.Equal(expected, CalendarFeatures.Of(Calendar.Weekday, Time(day)));

    [Fact]
    public void An_hour_that_the_clock_shows_twice_is_one_after_the_other()
    {
        DateTimeOffset[] times = [Time("2023-10-29T02:00:00+02:00"), Time("2023-10-29T02:00:00+01:00")];

        var first = new Timeline(times, new Interval(0, TimeSpan.FromHours(1))).First(4, "");

        Assert.Equal([2.0, 2, 3, 4], first.Select(time => CalendarFeatures.Of(Calendar.Hour, time)));
    }

    [Fact]
    public void Given_times_are_taken_as_far_as_they_go()
    {
        DateTimeOffset[] times = [Time("2024-01-01"), Time("2024-01-05")];
        var monthly = new Interval(1, TimeSpan.Zero);

        Assert.Equal([.. times, Time("2024-02-05"), Time("2024-03-05")], new Timeline(times, monthly).First(4, ""));
        Assert.Equal(times[..1], new Timeline(times, null).First(1, ""));
    }

    static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
