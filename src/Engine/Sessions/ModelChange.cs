namespace Rnn.Engine.Sessions;

/// <summary>What happens to a session whose version has other weights than when the session began.</summary>
public enum ModelChange
{
    /// <summary>It belongs to the weights that it began with: it waits for them, or to be moved.</summary>
    Pin,

    /// <summary>The next call replays what it has read, if that is kept.</summary>
    Replay,
}
