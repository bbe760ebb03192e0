namespace Rnn.Engine.Sessions;

/// <summary>What is remembered of a session that is gone.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Step">How many timesteps it had taken.</param>
/// <param name="When">When it ended.</param>
public sealed record EndedSession(string Id, EndReason Reason, long Step, DateTimeOffset When)
{
    internal EngineException Exception() => new(
        ErrorKind.SessionEnded,
        Reason switch
        {
            EndReason.Deleted => $"The session was deleted at {When:u}, at step {Step}.",
            EndReason.Expired => $"The session expired at {When:u}, at step {Step}: it had not been used for its time to live.",
            _ => $"The session was evicted at {When:u}, at step {Step}: it was the least recently used, and room was needed.",
        });
}

/// <summary>Why a session ended.</summary>
public enum EndReason
{
    /// <summary>A client deleted it.</summary>
    Deleted,

    /// <summary>It was not used for its time to live.</summary>
    Expired,

    /// <summary>It was the least recently used when room was needed.</summary>
    Evicted,
}
