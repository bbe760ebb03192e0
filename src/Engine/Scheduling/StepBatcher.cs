using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Scheduling;

/// <summary>
/// Runs the timesteps of all callers of one model together: cellular batching (BatchMaker, EuroSys 2018). Each tick takes
/// what is waiting and runs it as one batch; whoever comes meanwhile is in the next one, and whoever is not done goes to
/// the end of the queue. There is no waiting window and no thread of its own: a caller who finds nobody running runs the
/// tick itself, at once, and what has gathered by its end is handed to the thread pool. A second tick runs beside the first
/// only when a whole batch is waiting for it: sooner, it would only make both batches smaller.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="options">How many at once, how many waiting.</param>
sealed class StepBatcher(RecurrentModel model, BatchOptions options)
{
    readonly Lock _lock = new();
    readonly Queue<BatchJob> _waiting = [];
    readonly Stack<Tick> _idle = [];
    int _running;

    /// <summary>
    /// Advances <paramref name="state"/> by the inputs and reads outputs. Neither may be touched until this has ended; if it
    /// does not end well, some of the timesteps may have been applied.
    /// </summary>
    /// <param name="state">The caller's state.</param>
    /// <param name="inputs">One timestep or more.</param>
    /// <param name="outputs">Room for the network's last output [O], for all of them [T, O], or for none.</param>
    /// <param name="aborted">Leaves the queue; a tick that is under way is finished.</param>
    /// <exception cref="EngineException">Too many are waiting; the state is as it was. Or an output is not finite.</exception>
    public Task RunAsync(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted)
    {
        var job = new BatchJob(state, inputs, outputs, aborted);
        if (Enqueue(job))
        {
            RunTick();
        }

        return job.Task;
    }

    /// <returns>Whether the caller must run the next tick.</returns>
    internal bool Enqueue(BatchJob job)
    {
        lock (_lock)
        {
            if (_waiting.Count >= options.QueueLimit)
            {
                throw new EngineException(ErrorKind.Overloaded, $"{options.QueueLimit} calls of model '{model.Name}' are waiting already.");
            }

            _waiting.Enqueue(job);
            if (!IsWorthATick())
            {
                return false;
            }

            _running++;
            return true;
        }
    }

    /// <summary>Runs one batch of what is waiting, and has the next one run if there is more.</summary>
    internal void RunTick()
    {
        Tick tick;
        lock (_lock)
        {
            tick = _idle.TryPop(out var idle) ? idle : new Tick(model);
            while (tick.Jobs.Count < options.MaxBatchSize && _waiting.TryDequeue(out var job))
            {
                if (!job.IsAborted())
                {
                    tick.Jobs.Add(job);
                }
            }
        }

        if (tick.Jobs.Count > 0)
        {
            tick.Run();
        }

        lock (_lock)
        {
            tick.Jobs.ForEach(_waiting.Enqueue);           // not done: behind those who came meanwhile
            tick.Jobs.Clear();
            _idle.Push(tick);
            _running--;
            if (!IsWorthATick())
            {
                return;
            }

            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static batcher => batcher.RunTick(), this, preferLocal: false);
    }

    bool IsWorthATick() =>
        _running == 0 ? _waiting.Count > 0 : _running < Environment.ProcessorCount && _waiting.Count >= options.MaxBatchSize;
}
