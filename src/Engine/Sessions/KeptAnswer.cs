namespace Rnn.Engine.Sessions;

/// <summary>The answer to a call with an idempotency key. It is written together with the state that the call led to.</summary>
/// <param name="Call">The key, and what it asked for.</param>
/// <param name="Tag">The session's <see cref="SessionRecord.Tag"/> after the call.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">The answer; empty while the call is under way, or if it was too large to keep.</param>
public sealed record KeptAnswer(IdempotencyKey Call, string Tag, string ContentType, ReadOnlyMemory<byte> Body);
