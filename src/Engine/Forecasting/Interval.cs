namespace Rnn.Engine.Forecasting;

/// <summary>
/// The time from one timestep to the next: months of the calendar, whose lengths differ, and a time whose length does not. A day is
/// 24 hours, as a time's offset stays what it is.
/// </summary>
/// <param name="Months">0 or more.</param>
/// <param name="Rest">0 or more; above 0 if there are no months.</param>
public readonly record struct Interval(int Months, TimeSpan Rest)
{
    /// <summary>
    /// The time some intervals after <paramref name="start"/>. Months are counted from there, so what begins on January 31 goes on at
    /// the end of February, and then on March 31.
    /// </summary>
    /// <exception cref="OverflowException">It lies beyond the year 9999.</exception>
    public DateTimeOffset After(DateTimeOffset start, int intervals)
    {
        try
        {
            return start.AddMonths(checked(intervals * Months)).AddTicks(checked(intervals * Rest.Ticks));
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new OverflowException(exception.Message, exception);
        }
    }
}
