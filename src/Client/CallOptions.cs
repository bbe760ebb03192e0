namespace Rnn.Client;

/// <summary>When a call on a session is applied.</summary>
public sealed record CallOptions
{
    /// <summary>
    /// Makes the call unique: sent again, it is answered as the first time and not applied again. A random one if left as it is; give one
    /// of your own to send a call again after your process has ended.
    /// </summary>
    public string IdempotencyKey { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Where the session must be, as <see cref="RunReply.Tag"/> told it; null for anywhere.</summary>
    public string? IfMatch { get; init; }
}
