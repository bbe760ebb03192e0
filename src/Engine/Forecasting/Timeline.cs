namespace Rnn.Engine.Forecasting;

/// <summary>The times of a series' timesteps, past and to come: as far as they are given, and then an interval after each other.</summary>
/// <param name="given">Those that are given, one or more, from the first timestep on.</param>
/// <param name="interval">From the last of them on; null if none comes after it.</param>
public sealed class Timeline(IReadOnlyList<DateTimeOffset> given, Interval? interval)
{
    /// <summary>The first times of the series.</summary>
    /// <param name="length">How many.</param>
    /// <param name="pointer">Where the series lies in the caller's document.</param>
    /// <exception cref="EngineException">They don't rise, do not reach so far, or run beyond the calendar.</exception>
    internal DateTimeOffset[] First(int length, string pointer)
    {
        for (var i = 1; i < given.Count; i++)
        {
            if (given[i] <= given[i - 1])
            {
                throw EngineException.Input($"{pointer}/timestamps/{i}", $"Timestamps rise; {given[i]:O} is not after {given[i - 1]:O}.");
            }
        }

        if (interval is null && given.Count < length)
        {
            throw EngineException.Input(
                $"{pointer}/interval", $"The series has {length} timesteps with those to forecast, and the times of {given.Count}. Give the interval, or the times of all.");
        }

        try
        {
            return [.. Enumerable.Range(0, length).Select(At)];
        }
        catch (OverflowException)
        {
            throw EngineException.Input($"{pointer}/interval", $"So far the calendar does not go: {length} timesteps end after the year 9999.");
        }
    }

    DateTimeOffset At(int timestep) =>
        timestep < given.Count ? given[timestep] : interval!.Value.After(given[^1], timestep - given.Count + 1);
}
