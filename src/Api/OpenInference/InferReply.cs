using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Api.OpenInference;

/// <summary>What an inference came to.</summary>
/// <param name="Model">What ran.</param>
/// <param name="Id">What the client called the request; null if nothing.</param>
/// <param name="Outputs">Those that were asked for, in that order; all of the model if none were.</param>
sealed record InferReply(RecurrentModel Model, string? Id, IReadOnlyList<Tensor> Outputs)
{
    /// <summary>How many timesteps the sequence has had; null on a call that belongs to none.</summary>
    public long? Step { get; init; }

    /// <summary>Where the sequence is now, as the native protocol's ETag tells it; null on a call that belongs to none, or ends it.</summary>
    public string? Tag { get; init; }

    /// <summary>What the same call was answered before: told again as it is, and the only thing in this reply.</summary>
    public KeptAnswer? Answer { get; init; }
}
