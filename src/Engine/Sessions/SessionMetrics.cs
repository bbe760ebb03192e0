using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Sessions;

/// <summary>Tells the meters of sessions.</summary>
public static class SessionMetrics
{
    /// <summary>A session has ended; to be told by whoever has it written.</summary>
    public static void Ended(this EngineMetrics metrics, SessionRecord session)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(session);
        metrics.Of(session.Model, session.Version).Ended(session.Ended!.Reason.ToString().ToLowerInvariant());
    }
}
