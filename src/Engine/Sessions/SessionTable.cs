using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Sessions;

/// <summary>
/// The sessions: what may be done with them, whoever keeps them. Within this process one call at a time holds a session, in the
/// order of arrival; between processes that share a store, the one that writes first wins, and the others begin again. A caller
/// has none but his own: this is the one place where whose a session is comes in, whatever protocol the call came by.
/// </summary>
/// <param name="store">What keeps them.</param>
/// <param name="turns">Who is next on each.</param>
/// <param name="models">What they run on, and who asks.</param>
/// <param name="options">How many, how much, for how long.</param>
/// <param name="time">The clock.</param>
/// <param name="metrics">Where beginnings and ends are counted; null for nowhere.</param>
public sealed class SessionTable(
    ISessionStore store, Turns turns, VisibleModels models, SessionOptions options, TimeProvider time, EngineMetrics? metrics = null)
{
    // Each try lost means that another process has won; so many in a row don't happen by chance.
    internal const int MaxTries = 256;

    internal SessionOptions Options => options;

    internal VisibleModels Models => models;

    internal TimeProvider Time => time;

    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Which weights its sessions are on.</summary>
    internal SessionWeights SessionWeights { get; } = new(models, options);

    /// <summary>Creates a session.</summary>
    /// <param name="model">The model it runs on.</param>
    /// <param name="session">What it is to be like.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="EngineException">
    /// The model keeps no state, the ID is not allowed or taken, something lies outside the limits, or there is no room.
    /// </exception>
    public async Task<SessionRecord> CreateAsync(RecurrentModel model, NewSession session, CancellationToken aborted)
    {
        model.ExpectCausal();
        var state = StateOf(model, session);
        return await AddAsync(session.Id, key => Fresh(key, model, session, state), aborted);
    }

    /// <summary>Creates a session that goes on from where another is or was. It has the other's model and settings, and no history.</summary>
    /// <param name="id">The other.</param>
    /// <param name="fork">What is to be different; not its state.</param>
    /// <param name="step">The step to begin at; null for the present one.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="EngineException">There is no such session, that step is not kept, or the new session can't be created.</exception>
    public async Task<SessionRecord> ForkAsync(string id, NewSession fork, long? step, CancellationToken aborted)
    {
        var from = await LookAsync(id, aborted);
        var model = SessionWeights.ModelOf(from);
        var state = StateAt(from, step);
        var inputs = from.Inputs?.Back(from.State.Step - state.Step);
        var session = await AddAsync(fork.Id, key => new SessionRecord
        {
            Id = key.Id,
            Owner = key.Owner,
            Stamp = 0,
            Model = from.Model,
            Version = from.Version,
            Fingerprint = from.Fingerprint,
            State = state,
            HistorySize = fork.History is null ? from.HistorySize : fork.ValidHistory(options, model.Layout),
            Inputs = fork.InputsKept is null ? inputs : InputsWithin(fork.ValidInputsKept(options, model)),
            InitialState = from.InitialState,
            Tags = fork.Tags is null ? from.Tags : fork.ValidTags(),
            Created = Now,
            LastUsed = Now,
            TimeToLive = fork.TimeToLive is null ? from.TimeToLive : fork.ValidTimeToLive(options),
        }, aborted);
        await TouchAsync(from);
        return session;

        KeptInputs? InputsWithin(int limit) => inputs is not null && limit > 0
            ? inputs.Within(limit, state.Step)
            : KeptInputs.Begin(limit, model)?.Lost(state.Step);
    }

    /// <summary>Where a session is. Asking does not prolong its life.</summary>
    /// <exception cref="EngineException">There is none of that ID, or it has ended.</exception>
    public Task<SessionRecord> GetAsync(string id, CancellationToken aborted) => ReadAsync(KeyOf(id), latest: true, Now, aborted);

    /// <summary>The same for a call that needs its model: on the weights that its version has now, if it may be replayed on them.</summary>
    /// <exception cref="EngineException">There is none of that ID, it has ended, or it can't be replayed.</exception>
    internal async Task<SessionRecord> LookAsync(string id, CancellationToken aborted) => await SessionWeights.CurrentAsync(await GetAsync(id, aborted), aborted);

    /// <summary>What a session runs on, as far as this process knows; null if it does not, or if that can't run.</summary>
    internal async ValueTask<RecurrentModel?> ModelOfAsync(string id, CancellationToken aborted) =>
        SessionId.IsValid(id) && await store.ReadAsync(KeyOf(id).ToString(), latest: false, aborted) is { Ended: null } session
            ? models.Find(session.Model, session.Version)
            : null;

    /// <summary>A state of a session; a call that is under way doesn't show.</summary>
    /// <param name="id">The session's ID.</param>
    /// <param name="step">Its step; null for the present one.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="EngineException">There is none of that ID, it has ended, or that step is not kept.</exception>
    public async Task<(SessionRecord Session, RecurrentState State)> GetStateAsync(string id, long? step, CancellationToken aborted)
    {
        var session = await LookAsync(id, aborted);
        return (session, StateAt(session, step).ToState(SessionWeights.ModelOf(session).Layout));
    }

    /// <summary>A page of the living sessions, in the order of their IDs.</summary>
    public ValueTask<IReadOnlyList<SessionSummary>> ListAsync(SessionQuery query, CancellationToken aborted) =>
        store.ListAsync(query with { Caller = models.Caller }, aborted);

    /// <summary>Waits for a turn on a session.</summary>
    /// <param name="id">The session's ID.</param>
    /// <param name="call">The call's key, if it has one.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="EngineException">There is none of that ID, it has ended, or a call with that key is under way.</exception>
    public async Task<SessionLease> AcquireAsync(string id, IdempotencyKey? call, CancellationToken aborted)
    {
        var (key, arrived) = (KeyOf(id), Now);
        var turn = await turns.TakeAsync(key.ToString(), call, aborted);
        try
        {
            return await LeaseAsync(key, turn, arrived, aborted);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Waits for a turn on a session that begins with the call: there may be none of its ID yet, and one that lives begins anew, with
    /// the settings it has. Nothing of that is there until the lease is committed.
    /// </summary>
    /// <param name="model">The model it runs on.</param>
    /// <param name="session">What it is to be like; it has an ID.</param>
    /// <param name="call">The call's key, if it has one.</param>
    /// <param name="aborted">Gives up.</param>
    /// <exception cref="EngineException">
    /// The model keeps no state, the ID is not allowed or that of a session of another model, or a call with that key is under way.
    /// </exception>
    public async Task<SessionLease> BeginAsync(RecurrentModel model, NewSession session, IdempotencyKey? call, CancellationToken aborted)
    {
        model.ExpectCausal();
        var (key, arrived) = (KeyOf(session.Id ?? SessionId.New()), Now);
        var state = StateOf(model, session);
        var turn = await turns.TakeAsync(key.ToString(), call, aborted);
        try
        {
            return new SessionLease(this, turn, arrived, await store.ReadAsync(key.ToString(), latest: false, aborted), Begin);
        }
        catch
        {
            turn.Dispose();
            throw;
        }

        SessionRecord Begin(SessionRecord? before)
        {
            if (before?.IsLiving(arrived) != true)
            {
                return Fresh(key, model, session, state);
            }

            return before.Model == model.Name
                ? PutBack(before, Snapshot.Of(state), [], InputsFrom(before.Inputs?.Limit ?? 0, model, session, state)) with
                {
                    Version = model.Version,
                    Fingerprint = model.Layout.Fingerprint,
                    InitialState = session.InitialState,
                }
                : throw new EngineException(ErrorKind.SessionExists, $"There is a session '{key.Id}' already, of another model.", "/id");
        }
    }

    /// <summary>Puts a session back to where it began.</summary>
    /// <exception cref="EngineException">There is no session of that ID, it has ended, is not at that tag, or can't be changed so.</exception>
    public Task<SessionRecord> ResetAsync(string id, string? tag, CancellationToken aborted) => ChangeAsync(id, tag, async session =>
    {
        session = await SessionWeights.CurrentAsync(session, aborted);
        var model = SessionWeights.ModelOf(session);
        return PutBack(session, Snapshot.Of(model.InitialState(session.InitialState)), [], KeptInputs.Begin(session.Inputs?.Limit ?? 0, model));
    }, aborted);

    /// <summary>Puts a session back to an earlier step; what came after it is forgotten.</summary>
    /// <exception cref="EngineException">There is no session of that ID, it has ended, is not at that tag, or can't be changed so.</exception>
    public Task<SessionRecord> RewindAsync(string id, long step, string? tag, CancellationToken aborted) => ChangeAsync(id, tag, async session =>
    {
        session = await SessionWeights.CurrentAsync(session, aborted);
        var history = session.History.TakeWhile(state => state.Step < step);
        return PutBack(session, StateAt(session, step), [.. history], session.Inputs?.Back(session.State.Step - step));
    }, aborted);

    /// <summary>Gives a session another state, with that state's step.</summary>
    /// <exception cref="EngineException">There is no session of that ID, it has ended, is not at that tag, or can't be changed so.</exception>
    public Task<SessionRecord> ReplaceStateAsync(string id, Func<StateLayout, RecurrentState> state, string? tag, CancellationToken aborted) =>
        ChangeAsync(id, tag, async session =>
        {
            session = await SessionWeights.CurrentAsync(session, aborted);
            var given = Snapshot.Of(state(SessionWeights.ModelOf(session).Layout));
            return PutBack(session, given, [], session.Inputs?.Lost(given.Step));
        }, aborted);

    /// <summary>
    /// Moves a session to another version of its model. The state stays as it is, so it must have as many floats there; the history goes. If that version has no
    /// state of the name that the session began with, a reset goes to its usual one from then on.
    /// </summary>
    /// <exception cref="EngineException">There is no session of that ID, it has ended, is not at that tag, or can't be changed so.</exception>
    public Task<SessionRecord> MoveAsync(string id, int? version, string? tag, CancellationToken aborted) => ChangeAsync(id, tag, session =>
    {
        var model = models.Get(session.Model, version);
        model.ExpectCausal();
        return model.Layout.Size == session.State.Values.Length
            ? PutBack(session, session.State, [], session.Inputs?.Meaning == model.InputMeaning ? session.Inputs : session.Inputs?.Lost(session.State.Step)) with
            {
                Version = model.Version,
                Fingerprint = model.Layout.Fingerprint,
                InitialState = session.InitialState is { } name && model.InitialStates.ContainsKey(name) ? name : null,
            }
            : throw new EngineException(
                ErrorKind.StateRefused, $"Version {model.Version} of model '{model.Name}' keeps a state of {model.Layout.Size} floats; the session's has {session.State.Values.Length}.");
    }, aborted);

    /// <summary>
    /// Moves a session to another version of its model by what it has read: its kept inputs are run through that version from where the session
    /// began, and its history with them. The step stays, and the tag; the states may be of another size.
    /// </summary>
    /// <exception cref="EngineException">There is no session of that ID, it has ended, is not at that tag, or can't be replayed there.</exception>
    public Task<SessionRecord> MoveByReplayAsync(string id, int? version, string? tag, CancellationToken aborted) =>
        ChangeAsync(id, tag, session => SessionWeights.ReplayAsync(session, models.Get(session.Model, version), aborted), aborted);

    /// <summary>Ends a session.</summary>
    /// <exception cref="EngineException">There is no session of that ID, it has ended, is not at that tag, or can't be changed so.</exception>
    public Task DeleteAsync(string id, string? tag, CancellationToken aborted) =>
        ChangeAsync(id, tag, session => session.End(EndReason.Deleted, Now), aborted);

    /// <summary>
    /// Prolongs the life of a session that was used without being changed; not at every use, as that would be a write each. If the
    /// store can't now, a later use will: what was asked for is done, and that is no reason to refuse it. What was replayed for the use
    /// is kept by the way.
    /// </summary>
    public async ValueTask TouchAsync(SessionRecord session)
    {
        const int WritesPerLife = 10;

        // Whoever holds it prolongs its life too, and would have to begin again if it were written meanwhile.
        if ((session.Replayed is not null || Now - session.LastUsed >= session.TimeToLive / WritesPerLife) && !turns.IsTaken(session.Key))
        {
            try
            {
                await WriteAsync(session, session.Stamp);  // if another call came before, that has prolonged it
            }
            catch (EngineException)
            {
                // Its time runs on.
            }
        }
    }

    /// <summary>Frees what sessions whose time is up take.</summary>
    public ValueTask SweepAsync(CancellationToken aborted) => store.SweepAsync(aborted);

    /// <summary>Returns if the store can be reached.</summary>
    /// <exception cref="EngineException">It can't.</exception>
    public ValueTask ProbeAsync(CancellationToken aborted) => store.ProbeAsync(aborted);

    /// <param name="key">The session's key.</param>
    /// <param name="latest">Whether what this process last saw of it is not enough.</param>
    /// <param name="arrived">When the call came: a session that lived then does not expire under its hands.</param>
    /// <param name="aborted">Gives up.</param>
    internal async Task<SessionRecord> ReadAsync(SessionKey key, bool latest, DateTimeOffset arrived, CancellationToken aborted)
    {
        var session = await store.ReadAsync(key.ToString(), latest, aborted);
        var isDamaged = session?.Ended?.Reason == EndReason.Damaged;         // then not even its model is known
        if (session is null || (!isDamaged && !models.Caller.Sees(session.Model)))
        {
            throw new EngineException(ErrorKind.SessionNotFound, $"There is no session '{key.Id}'.", "/id");
        }

        return session.IsLiving(arrived) ? session : throw Ended(session);
    }

    /// <summary>The present record of a key, also of a session that has ended; null if there is none.</summary>
    internal ValueTask<SessionRecord?> FindAsync(SessionKey key, CancellationToken aborted) => store.ReadAsync(key.ToString(), latest: true, aborted);

    /// <returns>The record as it was written; null if another is there.</returns>
    internal async ValueTask<SessionRecord?> WriteAsync(SessionRecord session, long replaced)
    {
        var written = session with { Stamp = SessionRecord.NewStamp(), LastUsed = Now, Replayed = null };
        if (!await store.WriteAsync(written, replaced))
        {
            return null;
        }

        if (session.Stamp == 0)
        {
            metrics?.Of(session.Model, session.Version).Created();
        }

        if (session.Replayed is not null)
        {
            metrics?.Of(session.Model, session.Version).Replayed();
        }

        if (session.Ended is not null)
        {
            metrics?.Ended(session);
        }

        return written;
    }

    async Task<SessionRecord> AddAsync(string? id, Func<SessionKey, SessionRecord> make, CancellationToken aborted)
    {
        var key = KeyOf(id ?? SessionId.New());
        var session = make(key);
        try
        {
            return await AddAsync(key, session, aborted);
        }
        catch (EngineException refused)
        {
            metrics?.Failed(CallWatch.KindOf(refused), metrics.Of(session.Model, session.Version));
            throw;
        }
    }

    async Task<SessionRecord> AddAsync(SessionKey key, SessionRecord session, CancellationToken aborted)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var before = await store.ReadAsync(key.ToString(), latest: true, aborted);
            if (before is { Ended: null } && (before.IsLiving(Now) || turns.IsTaken(before.Key)))      // in use it does not expire
            {
                throw new EngineException(ErrorKind.SessionExists, $"There is a session '{key.Id}' already.", "/id");
            }

            if (await WriteAsync(session, before?.Stamp ?? 0) is { } written)
            {
                return written;
            }
        }

        throw Contended();
    }

    Task<SessionRecord> ChangeAsync(string id, string? tag, Func<SessionRecord, SessionRecord> change, CancellationToken aborted) =>
        ChangeAsync(id, tag, session => Task.FromResult(change(session)), aborted);

    /// <param name="id">The session's ID.</param>
    /// <param name="tag">Where the session must be; null for anywhere.</param>
    /// <param name="change">Makes the change.</param>
    /// <param name="aborted">Gives up.</param>
    async Task<SessionRecord> ChangeAsync(string id, string? tag, Func<SessionRecord, Task<SessionRecord>> change, CancellationToken aborted)
    {
        var (key, arrived) = (KeyOf(id), Now);
        using var turn = await turns.TakeAsync(key.ToString(), call: null, aborted);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var session = await ReadAsync(key, latest: true, arrived, aborted);
            session.Expect(tag);
            if (await WriteAsync(await change(session), session.Stamp) is { } written)
            {
                return written;
            }
        }

        throw Contended();
    }

    async Task<SessionLease> LeaseAsync(SessionKey key, IDisposable turn, DateTimeOffset arrived, CancellationToken aborted)
    {
        try
        {
            return new SessionLease(this, turn, arrived, await ReadAsync(key, latest: false, arrived, aborted));
        }
        catch (EngineException exception) when (exception.Kind is ErrorKind.SessionEnded or ErrorKind.ModelChanged or ErrorKind.ModelUnloaded)
        {
            // What this process last saw may not be what is: another one may have created the session anew, or moved it.
            var session = await SessionWeights.CurrentAsync(await ReadAsync(key, latest: true, arrived, aborted), aborted);
            return new SessionLease(this, turn, arrived, session);
        }
    }

    /// <exception cref="EngineException">The ID breaks the rule.</exception>
    SessionKey KeyOf(string id)
    {
        SessionId.Validate(id);
        return new(models.Caller.Owner, id);
    }

    SessionRecord Fresh(SessionKey key, RecurrentModel model, NewSession session, RecurrentState state) => new()
    {
        Id = key.Id,
        Owner = key.Owner,
        Stamp = 0,
        Model = model.Name,
        Version = model.Version,
        Fingerprint = model.Layout.Fingerprint,
        State = Snapshot.Of(state),
        HistorySize = session.ValidHistory(options, model.Layout),
        Inputs = InputsFrom(session.ValidInputsKept(options, model), model, session, state),
        InitialState = session.InitialState,
        Tags = session.ValidTags(),
        Created = Now,
        LastUsed = Now,
        TimeToLive = session.ValidTimeToLive(options),
    };

    static RecurrentState StateOf(RecurrentModel model, NewSession session) =>
        session.State?.Invoke(model.Layout) ?? model.InitialState(session.InitialState);

    /// <summary>Those of a session that begins; what led to a state that is given with it is not known.</summary>
    static KeptInputs? InputsFrom(int limit, RecurrentModel model, NewSession session, RecurrentState state) =>
        session.State is null ? KeptInputs.Begin(limit, model) : KeptInputs.Begin(limit, model)?.Lost(state.Step);

    static SessionRecord PutBack(SessionRecord session, Snapshot state, IReadOnlyList<Snapshot> history, KeptInputs? inputs) =>
        session with { State = state, History = history, Inputs = inputs, Epoch = session.Epoch + 1 };

    static Snapshot StateAt(SessionRecord session, long? step)
    {
        if (step is null || step == session.State.Step)
        {
            return session.State;
        }

        return session.History.FirstOrDefault(state => state.Step == step) ?? throw new EngineException(
            ErrorKind.StepNotKept,
            session.History is []
                ? $"The session is at step {session.State.Step} and keeps no earlier state. Create sessions with a history to go back."
                : $"The session is at step {session.State.Step}; of the earlier states, those from step {session.History[0].Step} on are kept.",
            "/step");
    }

    static EngineException Ended(SessionRecord session)
    {
        var (reason, when) = session.Ended ?? new Ending(EndReason.Expired, session.Expires);
        var step = session.State.Step;
        return new(ErrorKind.SessionEnded, reason switch
        {
            EndReason.Deleted => $"The session was deleted at {when:u}, at step {step}.",
            EndReason.Expired => $"The session expired at {when:u}, at step {step}: it had not been used for its time to live.",
            EndReason.Evicted => $"The session was evicted at {when:u}, at step {step}: it was the least recently used, and room was needed.",
            _ => "What was stored of the session is damaged; it can't go on.",
        });
    }

    internal static EngineException Contended() => new(ErrorKind.SessionMoved, "Other servers changed the session each time before this call could.");
}
