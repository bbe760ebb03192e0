namespace Rnn.Engine.Sessions;

/// <summary>What the sessions of one owner take.</summary>
/// <param name="Sessions">How many there are.</param>
/// <param name="Bytes">What they take, as the store counts it.</param>
public readonly record struct OwnerUsage(long Sessions, long Bytes)
{
    /// <summary>What they take with a session in place of what was there.</summary>
    /// <param name="before">What that took, as the store counts it; null if there was no session.</param>
    /// <param name="bytes">What it takes now.</param>
    public OwnerUsage With(long? before, long bytes) => new(Sessions + (before is null ? 1 : 0), Bytes - (before ?? 0) + bytes);

    /// <summary>
    /// Why an owner may not have so much. Asked before a session is written that grows: one that does not can always be used.
    /// </summary>
    /// <param name="isNew">Whether there was no such session before.</param>
    /// <param name="options">How much an owner may have.</param>
    /// <returns>What to tell him; null if he may.</returns>
    public EngineException? Refusal(bool isNew, SessionOptions options)
    {
        if (isNew && Sessions > options.MaxPerOwner)
        {
            return new(ErrorKind.OwnerFull, $"You have {Sessions - 1} sessions, and may have {options.MaxPerOwner} (Sessions:MaxPerOwner). Delete those that you don't need.");
        }

        return Bytes > options.MaxBytesPerOwner
            ? new(ErrorKind.OwnerFull, $"Your sessions would take {Bytes} bytes, and may take {options.MaxBytesPerOwner} (Sessions:MaxBytesPerOwner). Delete those that you don't need.")
            : null;
    }
}
