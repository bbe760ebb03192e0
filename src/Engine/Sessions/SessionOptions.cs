using System.ComponentModel.DataAnnotations;

namespace Rnn.Engine.Sessions;

/// <summary>How many sessions are kept, how much of each, and for how long.</summary>
public sealed class SessionOptions
{
    /// <summary>
    /// Most sessions in memory. One more ends the least recently used; with a durable store it only leaves memory.
    /// </summary>
    [Range(1, 100_000_000)]
    public int Capacity { get; init; } = 100_000;

    /// <summary>Most bytes of memory that sessions take. Beyond it the least recently used goes, as beyond the capacity.</summary>
    [Range(1L << 20, 1L << 50)]
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Most sessions of one owner, that is of one key or subject; a further one is refused.</summary>
    [Range(1, 100_000_000)]
    public int MaxPerOwner { get; init; } = 10_000;

    /// <summary>
    /// Most bytes that the sessions of one owner take; beyond it no further one is created. In memory and in SQLite; Redis can't tell.
    /// </summary>
    [Range(1024, 1L << 50)]
    public long MaxBytesPerOwner { get; init; } = 256L << 20;

    /// <summary>How long a session lives after its last use, unless it was created with a time of its own.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The longest time to live that a session may be created with.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan MaxTimeToLive { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long an ended session is remembered, so that a late call learns why its session is gone.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RememberEnded { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many ended sessions the memory store remembers at most.</summary>
    [Range(0, 10_000_000)]
    public int RememberedEnded { get; init; } = 10_000;

    /// <summary>Most earlier states that a session may keep.</summary>
    [Range(0, 1_000_000)]
    public int MaxHistory { get; init; } = 1_024;

    /// <summary>Most bytes that the earlier states of a session may take.</summary>
    [Range(0, 1L << 30)]
    public long MaxHistoryBytes { get; init; } = 1L << 20;

    /// <summary>How many answers to calls with an idempotency key a session keeps; the oldest goes when one more comes.</summary>
    [Range(1, 1_000)]
    public int KeptAnswers { get; init; } = 16;

    /// <summary>How many keys before those are remembered without their answers, 8 bytes each, so that such a call is not applied again.</summary>
    [Range(0, 100_000)]
    public int RememberedKeys { get; init; } = 256;

    /// <summary>Most bytes that the kept answers of a session take; a larger one is not kept, and old ones go before their time.</summary>
    [Range(0, 1L << 30)]
    public int MaxAnswerBytes { get; init; } = 64 << 10;
}
