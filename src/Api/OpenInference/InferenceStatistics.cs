using System.Collections.Concurrent;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>Counts the calls of this protocol on each version of each model, and the time they took.</summary>
sealed class InferenceStatistics(TimeProvider time)
{
    readonly ConcurrentDictionary<(string Model, int Version), Counts> _counts = new();

    /// <summary>What was counted so far.</summary>
    public ModelCounts Of(RecurrentModel model) => _counts.TryGetValue((model.Name, model.Version), out var counts) ? counts.Read() : new ModelCounts();

    /// <summary>Counts a call, from here until the result is disposed; as one that has failed, unless it says that it succeeds.</summary>
    public Call Count(RecurrentModel model) => new(_counts.GetOrAdd((model.Name, model.Version), _ => new()), time);

    /// <summary>One call.</summary>
    internal sealed class Call(Counts counts, TimeProvider time) : IDisposable
    {
        readonly long _begun = time.GetTimestamp();
        int _sequences;

        public void Succeed(int sequences) => _sequences = sequences;

        public void Dispose() => counts.Add(_sequences, time.GetElapsedTime(_begun), time.GetUtcNow());
    }

    /// <summary>Of one version of a model.</summary>
    internal sealed class Counts
    {
        readonly Lock _lock = new();
        ModelCounts _counts = new();

        public ModelCounts Read()
        {
            lock (_lock)
            {
                return _counts;
            }
        }

        public void Add(int sequences, TimeSpan took, DateTimeOffset now)
        {
            lock (_lock)
            {
                _counts = sequences == 0
                    ? _counts with { Failed = _counts.Failed.And(took) }
                    : _counts with { Succeeded = _counts.Succeeded.And(took), Sequences = _counts.Sequences + sequences, Last = now };
            }
        }
    }
}

/// <summary>What was counted of one version of a model.</summary>
sealed record ModelCounts
{
    public Duration Succeeded { get; init; }

    public Duration Failed { get; init; }

    /// <summary>How many sequences the calls that succeeded held, each batch's all.</summary>
    public long Sequences { get; init; }

    /// <summary>When the last call succeeded; null if none did.</summary>
    public DateTimeOffset? Last { get; init; }
}

/// <summary>How many calls, and how long they took together.</summary>
readonly record struct Duration(long Calls, TimeSpan Took)
{
    public Duration And(TimeSpan took) => new(Calls + 1, Took + took);
}
