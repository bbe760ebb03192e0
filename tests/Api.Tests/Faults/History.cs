namespace Rnn.Api.Tests.Faults;

/// <summary>A step that a client was told of.</summary>
/// <param name="Number">Its number in the session, from 1.</param>
/// <param name="Input">What was put in.</param>
/// <param name="Output">What came out.</param>
sealed record AcknowledgedStep(long Number, int Input, IReadOnlyList<float> Output);

/// <summary>All that the clients of a session were told. Thread-safe.</summary>
/// <param name="session">The session's ID.</param>
sealed class History(string session)
{
    readonly Lock _lock = new();
    readonly List<AcknowledgedStep> _steps = [];

    public string Session => session;

    /// <summary>In the order in which the answers came, which need not be that of their numbers.</summary>
    public IReadOnlyList<AcknowledgedStep> Steps
    {
        get
        {
            lock (_lock)
            {
                return [.. _steps];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _steps.Count;
            }
        }
    }

    public void Add(AcknowledgedStep step)
    {
        lock (_lock)
        {
            _steps.Add(step);
        }
    }
}
