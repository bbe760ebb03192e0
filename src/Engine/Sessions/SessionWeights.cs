using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>
/// Which weights a session is on: those that it began with. Where its version has others now, its state means nothing to them; it may be
/// replayed on them, if it keeps what it has read.
/// </summary>
sealed class SessionWeights(VisibleModels models, SessionOptions options)
{
    /// <summary>What replays sessions; the engine, which alone can run models, says so.</summary>
    public Replay? Replay { get; set; }

    /// <summary>The model of a session, if it is still the one that the session began with.</summary>
    public RecurrentModel ModelOf(SessionRecord session)
    {
        var model = models.Find(session.Model, session.Version) ?? throw NotServed(session);
        return model.Layout.Fingerprint == session.Fingerprint ? model : throw Changed(session, "Move it, if you know better.");
    }

    /// <summary>
    /// The session on the weights that its version has now: as it is, or replayed if they are others and that is what is to happen. It is
    /// written with whatever is done to it, or never.
    /// </summary>
    /// <exception cref="EngineException">It can't be replayed.</exception>
    public async Task<SessionRecord> CurrentAsync(SessionRecord session, CancellationToken aborted)
    {
        if (options.OnModelChange == ModelChange.Pin || models.Find(session.Model, session.Version) is not { } model || model.Layout.Fingerprint == session.Fingerprint)
        {
            return session;
        }

        try
        {
            return await ReplayAsync(session, model, aborted);
        }
        catch (EngineException refused) when (refused.Kind == ErrorKind.StateRefused)
        {
            throw Changed(session, refused.Message);
        }
    }

    /// <summary>The session on another model, by its kept inputs.</summary>
    /// <exception cref="EngineException">It can't be replayed there.</exception>
    public Task<SessionRecord> ReplayAsync(SessionRecord session, RecurrentModel model, CancellationToken aborted)
    {
        model.ExpectCausal();
        return Replay!(session with { HistorySize = Math.Min(session.HistorySize, options.MostHistory(model.Layout)) }, model, aborted);
    }

    static EngineException Changed(SessionRecord session, string hint) => new(
        ErrorKind.ModelChanged,
        $"Model '{session.Model}' version {session.Version} has other weights now than when the session began; its state means nothing to them. {hint}");

    EngineException NotServed(SessionRecord session) => models.IsUnloaded(session.Model, session.Version)
        ? new(
            ErrorKind.ModelUnloaded,
            $"The session's model '{session.Model}' version {session.Version} is unloaded. The session waits at step {session.State.Step}, as long as it lives: load the model to go on.")
        : new(
            ErrorKind.SessionEnded,
            $"The session's model '{session.Model}' version {session.Version} is no longer served; it stopped at step {session.State.Step}. Move it to another version to go on.");
}
