using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>
/// One call's turn on a session. What is not committed never happened, and a commit is one write: state, step, history, the
/// answer to the call and the new expiry, or nothing.
/// </summary>
public sealed class SessionLease : IDisposable
{
    readonly SessionTable _table;
    readonly IDisposable _turn;
    readonly DateTimeOffset _arrived;
    readonly Func<SessionRecord?, SessionRecord>? _begin;
    long _replaced;                                        // the stamp of what a commit takes the place of; 0 of nothing

    /// <param name="table">Whose session it is.</param>
    /// <param name="turn">Ends with the lease.</param>
    /// <param name="arrived">When the call came.</param>
    /// <param name="stored">What there is under its key; null for nothing.</param>
    /// <param name="begin">Makes of it the session that begins with the call; null if it is the session.</param>
    internal SessionLease(
        SessionTable table, IDisposable turn, DateTimeOffset arrived, SessionRecord? stored, Func<SessionRecord?, SessionRecord>? begin = null)
    {
        _begin = begin;
        _table = table;
        _turn = turn;
        _arrived = arrived;
        Record = Take(stored);
        Model = table.SessionWeights.ModelOf(Record);
    }

    /// <summary>The session as it was read, or last committed.</summary>
    public SessionRecord Record { get; private set; }

    /// <summary>The model the session runs on.</summary>
    public RecurrentModel Model { get; private set; }

    /// <summary>The session's state, which is replaced by a commit and never changed: work on a copy.</summary>
    public RecurrentState State => Record.State.ToState(Model.Layout);

    /// <summary>The answer that a call was given before, if it is a repeated one.</summary>
    /// <param name="call">The call's key.</param>
    /// <exception cref="EngineException">The key came with another request, or the answer is not kept.</exception>
    public KeptAnswer? AnswerTo(IdempotencyKey call)
    {
        var answer = Record.Answers.FirstOrDefault(answer => answer.Call.Key == call.Key);
        if (answer is null && !Record.PastKeys.Contains(call.Hash))
        {
            return null;
        }

        if (answer is not null && answer.Call != call)
        {
            throw Reused();
        }

        return answer is { Body.IsEmpty: false } ? answer : throw new EngineException(
            ErrorKind.AnswerNotKept,
            "The call with this idempotency key was applied before and is not applied again, but its answer is not there: it is too old or too "
            + $"large to be kept, another server is still streaming it, or a server failed while it did. The session is at '{Record.Tag}'.");
    }

    /// <summary>
    /// Moves the session on. If another process has changed it meanwhile, nothing is kept, and it must be read again.
    /// </summary>
    /// <param name="state">Where to.</param>
    /// <param name="passed">The states between, the earliest first.</param>
    /// <param name="applied">The inputs that led there; null if they are not known, or nobody keeps them.</param>
    /// <param name="call">The call that moves it, if it has a key.</param>
    /// <param name="contentType">The media type of its answer.</param>
    /// <param name="body">Its answer; empty while there is more to come.</param>
    /// <returns>Whether it is kept.</returns>
    /// <exception cref="EngineException">The session has ended meanwhile; or the store is full, or can't be reached.</exception>
    public async ValueTask<bool> TryMoveAsync(
        RecurrentState state, IReadOnlyList<RecurrentState> passed, InputRows? applied, IdempotencyKey? call, string contentType, ReadOnlyMemory<byte> body)
    {
        var moved = Record.MovedTo(state, passed, applied);
        if (call is not null)
        {
            moved = moved.Answered(new KeptAnswer(call, moved.Tag, contentType, body), _table.Options);
        }

        return await TryWriteAsync(moved);
    }

    /// <summary>Moves the session to its last step and ends it, in one write. An answer is not kept: nothing of a session that has ended is.</summary>
    /// <returns>Whether it has ended. If not, another process has changed it meanwhile, and it must be read again.</returns>
    /// <exception cref="EngineException">The store can't be reached.</exception>
    public ValueTask<bool> TryEndAsync(RecurrentState state) => TryWriteAsync(Record.MovedTo(state, [], applied: null).End(EndReason.Deleted, _table.Now) with { Stamp = Record.Stamp });

    /// <summary>Makes sure that <see cref="Record"/> is what the session is now.</summary>
    /// <exception cref="EngineException">The session has ended.</exception>
    public async ValueTask ReadAgainAsync(CancellationToken aborted)
    {
        if (_begin is not null)
        {
            Record = Take(await _table.FindAsync(new(Record.Owner, Record.Id), aborted));
            Model = _table.SessionWeights.ModelOf(Record);
            return;
        }

        var now = await _table.ReadAsync(new(Record.Owner, Record.Id), latest: true, _arrived, aborted);
        if (now.Stamp == Record.Stamp)
        {
            return;
        }

        if (now.Created != Record.Created && now.Created >= _arrived)
        {
            throw new EngineException(ErrorKind.SessionEnded, "The session has ended meanwhile, and another was created under its ID.");
        }

        Record = Take(await _table.SessionWeights.CurrentAsync(now, aborted));
        Model = _table.SessionWeights.ModelOf(Record);
    }

    /// <summary>Lets the next call in.</summary>
    public void Dispose() => _turn.Dispose();

    async ValueTask<bool> TryWriteAsync(SessionRecord record)
    {
        if (await _table.WriteAsync(record, _replaced) is not { } written)
        {
            return false;
        }

        (Record, _replaced) = (written, written.Stamp);
        return true;
    }

    SessionRecord Take(SessionRecord? stored)
    {
        _replaced = stored?.Stamp ?? 0;
        return _begin is null ? stored! : _begin(stored);
    }

    internal static EngineException Reused() => new(
        ErrorKind.KeyReused, "This idempotency key came with another request before; a new request needs a new key.");
}
