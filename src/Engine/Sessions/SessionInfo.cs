using Rnn.Engine.Models;

namespace Rnn.Engine.Sessions;

/// <summary>Where a session stood when it was asked for.</summary>
public sealed record SessionInfo
{
    /// <summary>The session's ID.</summary>
    public required string Id { get; init; }

    /// <summary>The model it runs on.</summary>
    public required RecurrentModel Model { get; init; }

    /// <summary>How many timesteps it has taken.</summary>
    public required long Step { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was last used.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>When it ends unless it is used before.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>How long it lives after its last use.</summary>
    public required TimeSpan TimeToLive { get; init; }
}
