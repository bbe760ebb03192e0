namespace Rnn.Engine.Sessions;

/// <summary>
/// Where sessions are kept. A store knows records by their keys and nothing of models; it never changes one, but for ending those whose
/// time is up or, if it keeps them in memory only, for which there is no room.
/// </summary>
public interface ISessionStore
{
    /// <summary>The record of a key, also of a session that has ended, as long as that is remembered.</summary>
    /// <param name="key">The session's <see cref="SessionRecord.Key"/>.</param>
    /// <param name="latest">
    /// Whether it must be the present one. If not, it may be what this process last saw of it: a write over it fails then.
    /// </param>
    /// <param name="aborted">Gives up.</param>
    /// <returns>The record; null if there is none.</returns>
    /// <exception cref="EngineException">The store can't be reached.</exception>
    ValueTask<SessionRecord?> ReadAsync(string key, bool latest, CancellationToken aborted);

    /// <summary>
    /// Keeps a record, if the one it replaces is still there: compare and set. When this returns true the record is as safe as
    /// the store makes it. A write that was begun is not given up: it is either kept, or never will be.
    /// </summary>
    /// <param name="record">The record, with a fresh <see cref="SessionRecord.Stamp"/>.</param>
    /// <param name="replaced">The stamp of the record that it replaces; 0 if there must be none.</param>
    /// <returns>False if another record is there; nothing is changed.</returns>
    /// <exception cref="EngineException">
    /// The store is full, the record grows beyond what its owner may have, or the store can't be reached. <see cref="ErrorKind.StoreUnavailable"/> leaves open whether the record was kept.
    /// </exception>
    ValueTask<bool> WriteAsync(SessionRecord record, long replaced);

    /// <summary>The living sessions of a page, in the ordinal order of their IDs.</summary>
    /// <exception cref="EngineException">The store can't be reached.</exception>
    ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted);

    /// <summary>Frees what sessions whose time is up take, and forgets those that ended long ago.</summary>
    /// <exception cref="EngineException">The store can't be reached.</exception>
    ValueTask SweepAsync(CancellationToken aborted);

    /// <summary>Returns if the store can be reached.</summary>
    /// <exception cref="EngineException">It can't.</exception>
    ValueTask ProbeAsync(CancellationToken aborted);
}
