using System.Diagnostics;
using Rnn.Engine.Codecs;

namespace Rnn.Engine.Forecasting;

/// <summary>What follows from a timestep's time.</summary>
static class CalendarFeatures
{
    const int DaysOfAWeek = 7;

    /// <param name="feature">What of the time.</param>
    /// <param name="time">On the clock of its own offset.</param>
    public static double Of(Calendar feature, DateTimeOffset time) => feature switch
    {
        Calendar.Minute => time.Minute,
        Calendar.Hour => time.Hour,
        Calendar.Weekday => ((int)time.DayOfWeek + DaysOfAWeek - (int)DayOfWeek.Monday) % DaysOfAWeek,
        Calendar.Day => time.Day,
        Calendar.Month => time.Month,
        Calendar.DayOfYear => time.DayOfYear,
        _ => throw new UnreachableException($"No feature for {feature}. This is a bug."),
    };
}
