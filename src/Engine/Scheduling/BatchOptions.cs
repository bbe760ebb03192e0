using System.ComponentModel.DataAnnotations;

namespace Rnn.Engine.Scheduling;

/// <summary>How the steps of different callers are run together.</summary>
public sealed class BatchOptions
{
    /// <summary>Most sequences that one tick steps together. 1 turns batching off.</summary>
    [Range(1, 4_096)]
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>Most steps that wait for a model; one more is answered 503.</summary>
    [Range(1, 1_000_000)]
    public int QueueLimit { get; init; } = 4_096;
}
