namespace Rnn.Engine.Sessions;

/// <summary>How a session ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="When">When.</param>
public sealed record Ending(EndReason Reason, DateTimeOffset When);

/// <summary>Why a session ended. The numbers are stored.</summary>
public enum EndReason
{
    /// <summary>A client deleted it.</summary>
    Deleted = 1,

    /// <summary>It was not used for its time to live.</summary>
    Expired = 2,

    /// <summary>It was the least recently used when room was needed.</summary>
    Evicted = 3,

    /// <summary>What was stored of it is damaged.</summary>
    Damaged = 4,
}
