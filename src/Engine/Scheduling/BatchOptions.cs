using System.ComponentModel.DataAnnotations;

namespace Rnn.Engine.Scheduling;

/// <summary>How the timesteps of different callers are run together.</summary>
public sealed class BatchOptions
{
    /// <summary>Most calls that one tick runs together. 1 turns batching off: each call then runs by itself, on any core.</summary>
    [Range(1, 4_096)]
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>Most calls that wait for a model; one more is answered 503.</summary>
    [Range(1, 1_000_000)]
    public int QueueLimit { get; init; } = 4_096;

    /// <summary>How many runs of one request go on at once: enough that the next batch stands ready while one is computed.</summary>
    public int InFlight => 4 * MaxBatchSize;
}
