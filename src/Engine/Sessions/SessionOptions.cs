using System.ComponentModel.DataAnnotations;

namespace Rnn.Engine.Sessions;

/// <summary>How many sessions are kept, and for how long.</summary>
public sealed class SessionOptions
{
    /// <summary>Most sessions kept at once; one more evicts the least recently used.</summary>
    [Range(1, 100_000_000)]
    public int Capacity { get; init; } = 100_000;

    /// <summary>How long a session lives after its last use, unless it was created with a time of its own.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The longest time to live that a session may be created with.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many ended sessions are remembered, so that a late call learns why its session is gone.</summary>
    [Range(0, 10_000_000)]
    public int RememberedEnded { get; init; } = 10_000;
}
