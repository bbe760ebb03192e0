using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Scheduling;

/// <summary>
/// Runs the steps of all callers of one model together: cellular batching (BatchMaker, EuroSys 2018). Each tick takes
/// what is waiting, one timestep of each caller, and runs it as one batch; whoever comes meanwhile is in the next one.
/// There is no waiting window and no thread of its own: a caller who finds nobody running runs the tick itself, at once,
/// and what has gathered by its end is handed to the thread pool.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="options">How many at once, how many waiting.</param>
sealed class StepBatcher(RecurrentModel model, BatchOptions options)
{
    readonly Lock _lock = new();
    readonly Queue<Job> _waiting = [];
    bool _isRunning;

    /// <summary>Advances <paramref name="state"/> by one timestep. It must not be touched until this has ended.</summary>
    /// <param name="state">The caller's state.</param>
    /// <param name="input">One timestep.</param>
    /// <param name="aborted">Leaves the queue; what is running is finished, and then the step counts.</param>
    /// <exception cref="EngineException">Too many steps are waiting; the state is as it was.</exception>
    public Task StepAsync(RecurrentState state, InputSequence input, CancellationToken aborted)
    {
        var step = Enqueue(state, input, aborted, out var isFirst);
        if (isFirst)
        {
            Tick();
        }

        return step;
    }

    // isFirst: nobody is running, so the caller must run the next tick.
    internal Task Enqueue(RecurrentState state, InputSequence input, CancellationToken aborted, out bool isFirst)
    {
        var job = new Job(state, input, aborted);
        lock (_lock)
        {
            if (_waiting.Count >= options.QueueLimit)
            {
                throw new EngineException(ErrorKind.Overloaded, $"{options.QueueLimit} steps of model '{model.Name}' are waiting already.");
            }

            _waiting.Enqueue(job);
            isFirst = !_isRunning;
            _isRunning = true;
            return job.Task;
        }
    }

    /// <summary>Runs one batch of what is waiting, and has the next one run if more came meanwhile.</summary>
    internal void Tick()
    {
        var jobs = new List<Job>();
        lock (_lock)
        {
            while (jobs.Count < options.MaxBatchSize && _waiting.TryDequeue(out var job))
            {
                if (!job.IsAborted())
                {
                    jobs.Add(job);
                }
            }
        }

        Run(jobs);
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static batcher => batcher.Tick(), this, preferLocal: false);
    }

    void Run(List<Job> jobs)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        try
        {
            var inputs = InputSequence.Join([.. jobs.Select(job => job.Input)]);
            model.Step([.. jobs.Select(job => job.State)], inputs.Slice(0, inputs.Length));
            jobs.ForEach(job => job.SetResult());
        }
        catch (Exception exception)                        // a caller awaits each of them; nobody awaits a tick
        {
            jobs.ForEach(job => job.SetException(exception));
        }
    }

    /// <summary>One step of one caller.</summary>
    sealed class Job(RecurrentState state, InputSequence input, CancellationToken aborted)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public RecurrentState State => state;

        public InputSequence Input => input;

        public bool IsAborted()
        {
            if (!aborted.IsCancellationRequested)
            {
                return false;
            }

            SetCanceled(aborted);
            return true;
        }
    }
}
