using System.ComponentModel.DataAnnotations;

namespace Rnn.Engine.Scheduling;

/// <summary>How the timesteps of different callers are run together.</summary>
public sealed class BatchOptions
{
    /// <summary>Most calls that one tick runs together. 1 turns batching off: each call then runs by itself, on any core.</summary>
    [Range(1, 4_096)]
    public int MaxBatchSize { get; init; } = 64;

    /// <summary>Most calls that wait for a model, however short; one more is answered 503.</summary>
    [Range(1, 1_000_000)]
    public int QueueLimit { get; init; } = 4_096;

    /// <summary>
    /// How long a call may have to wait for others in a burst; one that would have to wait longer is answered 503 at once. Of a model that has more
    /// to do than it can it is a tenth. What fills the next batches may always wait (<see cref="Backlog"/>).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan MaxQueueTime { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many runs of one request go on at once: enough that the next batch stands ready while each processor computes one.</summary>
    public int InFlight => Math.Min(QueueLimit, (Environment.ProcessorCount + 1) * MaxBatchSize);
}
