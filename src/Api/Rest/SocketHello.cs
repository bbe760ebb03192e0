namespace Rnn.Api.Rest;

/// <summary>The first message of a session's socket: where the session is, and how many messages may be unanswered.</summary>
sealed record SocketHello
{
    public required string Session { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required long Step { get; init; }

    public required string Tag { get; init; }

    /// <summary>A client that has no more messages without an answer than this can send them all again and be told their answers.</summary>
    public required int Window { get; init; }
}
