using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>
/// The sessions of this process, by ID. One call at a time holds a session, in the order of arrival; different sessions
/// don't wait for each other. A session ends when it is deleted, when it was not used for its time to live, or when it
/// is the least recently used and room is needed; never while a call holds it or waits for it.
/// </summary>
/// <param name="options">How many, for how long.</param>
/// <param name="time">The clock.</param>
public sealed class SessionTable(SessionOptions options, TimeProvider time)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<Session>> _sessions = new(StringComparer.Ordinal);
    readonly LinkedList<Session> _byUse = [];              // the least recently used first
    readonly Dictionary<string, EndedSession> _ended = new(StringComparer.Ordinal);
    readonly Queue<EndedSession> _endedByAge = [];

    /// <summary>How many sessions there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Creates a session in the zero state.</summary>
    /// <param name="id">Its ID, or null for a fresh one.</param>
    /// <param name="model">The model it runs on.</param>
    /// <param name="timeToLive">How long it lives after its last use, or null for the default.</param>
    /// <exception cref="EngineException">
    /// The model keeps no state, the ID is not allowed or taken, the time lies outside the limits, or all sessions are in use and none can be evicted.
    /// </exception>
    public SessionInfo Create(string? id, RecurrentModel model, TimeSpan? timeToLive)
    {
        if (!model.IsCausal)
        {
            throw model.NeedsWholeSequence();
        }

        id ??= SessionId.New();
        SessionId.Validate(id);
        if (timeToLive <= TimeSpan.Zero || timeToLive > options.MaxTimeToLive)
        {
            throw EngineException.Input(
                "/timeToLive", $"timeToLive must be above 0 and at most {options.MaxTimeToLive.TotalSeconds} seconds.");
        }

        lock (_lock)
        {
            if (Find(id) is not null)
            {
                throw new EngineException(ErrorKind.SessionExists, $"There is a session '{id}' already.", "/id");
            }

            MakeRoom();
            var session = new Session(id, model, timeToLive ?? options.TimeToLive, time.GetUtcNow());
            _sessions.Add(id, _byUse.AddLast(session));
            _ended.Remove(id);
            return session.Info();
        }
    }

    /// <summary>Where a session stands.</summary>
    /// <exception cref="EngineException">There is none of that ID, or it has ended.</exception>
    public SessionInfo Get(string id)
    {
        lock (_lock)
        {
            return Require(id).Info();
        }
    }

    /// <summary>The last committed state of a session; a call that is under way doesn't show.</summary>
    /// <exception cref="EngineException">There is none of that ID, or it has ended.</exception>
    public RecurrentState GetState(string id)
    {
        lock (_lock)
        {
            return Require(id).State;
        }
    }

    /// <summary>A page of the sessions, in the order of their IDs.</summary>
    /// <param name="after">The last ID of the page before, or null for the first page.</param>
    /// <param name="limit">Most sessions of the page.</param>
    /// <param name="model">Only those of this model, or null for all.</param>
    public IReadOnlyList<SessionInfo> List(string? after, int limit, string? model)
    {
        lock (_lock)
        {
            EndExpired();
            return [.. _byUse
                .Where(session => after is null || string.CompareOrdinal(session.Id, after) > 0)
                .Where(session => model is null || session.Model.Name == model)
                .OrderBy(session => session.Id, StringComparer.Ordinal)
                .Take(limit)
                .Select(session => session.Info())];
        }
    }

    /// <summary>Waits for a turn on a session.</summary>
    /// <exception cref="EngineException">There is none of that ID, or it has ended, perhaps while this call waited.</exception>
    public async Task<SessionLease> AcquireAsync(string id, CancellationToken aborted)
    {
        Session session;
        lock (_lock)
        {
            session = Require(id);
            session.Users++;
            Touch(session);
        }

        try
        {
            await session.Turn.WaitAsync(aborted);
        }
        catch
        {
            lock (_lock)
            {
                session.Users--;
            }

            throw;
        }

        if (session.Ended is null)                         // only the call before could end it, and then let this one in
        {
            return new SessionLease(this, session);
        }

        Release(session);
        throw session.Ended.Exception();
    }

    /// <summary>Ends the sessions whose time is up.</summary>
    /// <returns>How many there were.</returns>
    public int Sweep()
    {
        lock (_lock)
        {
            return EndExpired();
        }
    }

    internal void Delete(Session session)
    {
        lock (_lock)
        {
            End(session, EndReason.Deleted);
        }
    }

    internal void Release(Session session)
    {
        lock (_lock)
        {
            session.Users--;
            if (session.Ended is null)
            {
                Touch(session);
            }
        }

        session.Turn.Release();
    }

    Session Require(string id)
    {
        SessionId.Validate(id);
        return Find(id) ?? throw (_ended.TryGetValue(id, out var ended)
            ? ended.Exception()
            : new EngineException(ErrorKind.SessionNotFound, $"There is no session '{id}'.", "/id"));
    }

    Session? Find(string id)
    {
        if (!_sessions.TryGetValue(id, out var node))
        {
            return null;
        }

        if (IsExpired(node.Value))
        {
            End(node.Value, EndReason.Expired);
            return null;
        }

        return node.Value;
    }

    bool IsExpired(Session session) => session.Users == 0 && session.Expires <= time.GetUtcNow();

    void Touch(Session session)
    {
        session.LastUsed = time.GetUtcNow();
        var node = _sessions[session.Id];
        _byUse.Remove(node);
        _byUse.AddLast(node);
    }

    void MakeRoom()
    {
        if (_sessions.Count < options.Capacity)
        {
            return;
        }

        var idle = _byUse.FirstOrDefault(session => session.Users == 0) ?? throw new EngineException(
            ErrorKind.SessionsFull, $"All {options.Capacity} sessions are in use at this moment.");
        End(idle, IsExpired(idle) ? EndReason.Expired : EndReason.Evicted);
    }

    int EndExpired()
    {
        var expired = _byUse.Where(IsExpired).ToList();
        expired.ForEach(session => End(session, EndReason.Expired));
        return expired.Count;
    }

    void End(Session session, EndReason reason)
    {
        _sessions.Remove(session.Id, out var node);
        _byUse.Remove(node!);

        var when = reason == EndReason.Expired ? session.Expires : time.GetUtcNow();
        session.Ended = new EndedSession(session.Id, reason, session.State.Step, when);
        _ended[session.Id] = session.Ended;
        _endedByAge.Enqueue(session.Ended);
        while (_endedByAge.Count > options.RememberedEnded)
        {
            var oldest = _endedByAge.Dequeue();
            if (_ended.TryGetValue(oldest.Id, out var ended) && ReferenceEquals(ended, oldest))
            {
                _ended.Remove(oldest.Id);                  // not the younger one of an ID that was used again
            }
        }
    }
}
