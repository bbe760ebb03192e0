using System.Runtime.CompilerServices;
using Rnn.Engine.Models;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Scheduling;

/// <summary>The queue of each model, and who is let into it.</summary>
/// <param name="options">How the timesteps of different callers are run together.</param>
/// <param name="metrics">What is counted and timed.</param>
/// <param name="time">By which clock calls wait.</param>
sealed class Lanes(BatchOptions options, EngineMetrics metrics, TimeProvider time)
{
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    // Each goes when its model goes: when that is unloaded, and the last call on it has ended.
    readonly ConditionalWeakTable<RecurrentModel, StepBatcher> _batchers = [];

    long _refused;                                         // when; 0 for never

    /// <summary>Whether somebody was refused a moment ago. If not, it is not worth looking who could be.</summary>
    public bool HaveRefused => Volatile.Read(ref _refused) is not 0 and var then && time.GetElapsedTime(then) < Moment;

    public StepBatcher Of(RecurrentModel model) =>
        _batchers.TryGetValue(model, out var batcher) ? batcher : _batchers.GetOrAdd(model, NewBatcher);

    /// <summary>Lets a call in.</summary>
    /// <param name="model">What it runs on.</param>
    /// <param name="timesteps">How many it will have run.</param>
    /// <exception cref="EngineException">It would wait too long.</exception>
    public void Admit(RecurrentModel model, int timesteps)
    {
        if (Refusal(model, timesteps) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <returns>What is told to a call that would wait too long; null if it may come.</returns>
    public EngineException? Refusal(RecurrentModel model, int timesteps)
    {
        if (Of(model).HasRoom(timesteps))
        {
            return null;
        }

        Volatile.Write(ref _refused, time.GetTimestamp());
        return new(
            ErrorKind.Overloaded, $"Model '{model.Name}' has more calls than it can answer in time (Batching:MaxQueueTime); nothing of this one was done.");
    }

    StepBatcher NewBatcher(RecurrentModel model) => new(model, options, metrics.Of(model.Name, model.Version), time);
}
