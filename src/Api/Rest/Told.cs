namespace Rnn.Api.Rest;

/// <summary>What came of a call, kept if it was to be kept.</summary>
/// <param name="Document">The reply as JSON, an object.</param>
/// <param name="Tag">Where the session is after it; null on a stateless call.</param>
/// <param name="IsReplayed">Whether it was answered before and nothing was applied now.</param>
readonly record struct Told(ReadOnlyMemory<byte> Document, string? Tag, bool IsReplayed);
