using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Scheduling;

/// <summary>
/// Several sequences of one caller that go on side by side: it waits until each of its members wants a timestep, and then runs
/// all of them as one batch. Without it the first would find nobody running and go ahead alone, and so would each after it.
/// </summary>
/// <param name="batcher">What runs the batch.</param>
sealed class StepGroup(StepBatcher batcher) : IStepRunner
{
    readonly Lock _lock = new();
    List<BatchJob> _waiting = [];
    int _members;

    /// <summary>Sets how many will go on. None may be under way.</summary>
    public void Gather(int members) => _members = members;

    /// <summary>One member less is waited for.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _members--;
        }

        RunIfAllWait();
    }

    /// <inheritdoc cref="StepBatcher.RunAsync"/>
    public Task RunAsync(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted)
    {
        if (batcher.Masks(inputs))
        {
            Leave();                                       // there may be nothing to run
            return batcher.RunAsync(state, inputs, outputs, aborted);
        }

        var job = new BatchJob(state, inputs, outputs, aborted);
        lock (_lock)
        {
            _waiting.Add(job);
        }

        RunIfAllWait();
        return job.Task;
    }

    void RunIfAllWait()
    {
        List<BatchJob> jobs;
        lock (_lock)
        {
            if (_waiting.Count == 0 || _waiting.Count < _members)
            {
                return;
            }

            (jobs, _waiting) = (_waiting, []);
        }

        batcher.Run(jobs);
    }
}
