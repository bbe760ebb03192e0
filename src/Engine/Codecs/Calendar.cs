namespace Rnn.Engine.Codecs;

/// <summary>A feature that follows from a timestep's time, on the clock of its own offset.</summary>
public enum Calendar
{
    /// <summary>0 to 59.</summary>
    Minute,

    /// <summary>0 to 23.</summary>
    Hour,

    /// <summary>0, Monday, to 6, Sunday.</summary>
    Weekday,

    /// <summary>Of the month, 1 to 31.</summary>
    Day,

    /// <summary>1 to 12.</summary>
    Month,

    /// <summary>1 to 366.</summary>
    DayOfYear,
}
