using System.Diagnostics;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Scheduling;

/// <summary>
/// Runs the timesteps of all callers of one model together: cellular batching (BatchMaker, EuroSys 2018). Each tick takes
/// what is waiting and runs it as one batch; whoever comes meanwhile is in the next one, and whoever is not done goes to
/// the end of the queue. There is no waiting window and no thread of its own: a caller who finds nobody running runs the
/// tick itself, at once, and what has gathered by its end is handed to the thread pool; ticks that are long have threads of their own, as
/// requests would wait for them behind the pool's. A second tick runs beside the first
/// only when enough is waiting to fill it: sooner, it would only make both batches smaller.
/// <para>
/// After a tick its callers are told first, and the next tick stands behind them in the pool's queue. Were it the other way
/// round, each tick would find only the few who came during the one before, and batches would shrink to the size at which
/// a step costs as much as the rest of a request.
/// </para>
/// </summary>
/// <param name="model">The model.</param>
/// <param name="options">How many at once, how many waiting.</param>
/// <param name="metrics">Where ticks are told of; null for nowhere.</param>
/// <param name="time">By which clock calls wait; null for the system's.</param>
sealed class StepBatcher(RecurrentModel model, BatchOptions options, ModelMetrics? metrics = null, TimeProvider? time = null) : IStepRunner
{
    // The pool has a thread for each processor. What comes in meanwhile waits for longer ones, and so does what is refused.
    static readonly TimeSpan LongTick = TimeSpan.FromMilliseconds(10);

    readonly Lock _lock = new();
    readonly Queue<BatchJob> _waiting = [];
    readonly Stack<Tick> _idle = [];
    readonly ModelMetrics _metrics = (metrics ?? new EngineMetrics().Of(model.Name, model.Version)).WithQueue(options.QueueLimit);
    readonly Backlog _backlog = new(options, Math.Min(options.MaxBatchSize, model.MaxBatchSize), time ?? TimeProvider.System);
    long _waitingTimesteps;
    int _running;
    volatile bool _areLong;                                // the ticks, judged by the last one

    int MaxBatchSize => Math.Min(options.MaxBatchSize, model.MaxBatchSize);

    /// <summary>
    /// Whether a call may begin. One that has goes on to its end; so this is asked once, and what the call will want is not set aside.
    /// </summary>
    /// <param name="timesteps">How many it will have run.</param>
    public bool HasRoom(int timesteps)
    {
        lock (_lock)
        {
            return _backlog.HasRoom(_waiting.Count, timesteps);
        }
    }

    /// <summary>
    /// Advances <paramref name="state"/> by the inputs and reads outputs. Neither may be touched until this has ended; if it
    /// does not end well, some of the timesteps may have been applied.
    /// </summary>
    /// <param name="state">The caller's state.</param>
    /// <param name="inputs">One timestep or more.</param>
    /// <param name="outputs">Room for the network's last output [O], for all of them [T, O], or for none.</param>
    /// <param name="aborted">Leaves before the next tick; the one that is under way is finished.</param>
    /// <exception cref="EngineException">Too many are waiting; the state is as it was. Or an output is not finite.</exception>
    public Task RunAsync(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted) =>
        model.Mask?.Kept(inputs) is { } kept
            ? RunKeptAsync(state, inputs, kept, outputs, aborted)
            : RunAllAsync(state, inputs, outputs, aborted);

    /// <summary>Whether some of the inputs are skipped.</summary>
    public bool Masks(InputSequence inputs) => model.Mask?.Kept(inputs) is not null;

    /// <summary>
    /// Runs jobs of one caller as one batch, as far as it holds them. They count as one call; each is told by itself, and if too many
    /// are waiting, that.
    /// </summary>
    public void Run(IReadOnlyList<BatchJob> jobs)
    {
        bool isRefused, beginsTick;
        lock (_lock)
        {
            isRefused = _waiting.Count >= options.QueueLimit;
            BeginIfIdle();
            foreach (var job in isRefused ? [] : jobs)
            {
                Wait(job);
            }

            beginsTick = BeginsTick();
        }

        foreach (var job in isRefused ? jobs : [])
        {
            job.Fail(TooManyWaiting());
            ThreadPool.UnsafeQueueUserWorkItem(job, preferLocal: false);
        }

        if (beginsTick)
        {
            BeginTick(own: null);
        }
    }

    EngineException TooManyWaiting() =>
        new(ErrorKind.Overloaded, $"{options.QueueLimit} calls of model '{model.Name}' are waiting already.");

    /// <summary>Runs the timesteps that are not masked; the output of one that is masked is the one before it.</summary>
    async Task RunKeptAsync(RecurrentState state, InputSequence inputs, int[] kept, Memory<float> outputs, CancellationToken aborted)
    {
        var width = model.Output.Size;
        var readsAll = outputs.Length > width;
        var before = outputs.IsEmpty ? [] : model.Read(state);
        var read = new float[readsAll ? kept.Length * width : outputs.Length];
        if (kept.Length > 0)
        {
            await RunAllAsync(state, inputs.Of(kept), read, aborted);
        }

        state.Step += inputs.Length - kept.Length;
        if (!readsAll)
        {
            (kept.Length > 0 ? read : before).CopyTo(outputs);
            return;
        }

        for (var (timestep, next) = (0, 0); timestep < inputs.Length; timestep++)
        {
            var isKept = next < kept.Length && kept[next] == timestep;
            next += isKept ? 1 : 0;
            var output = isKept || (next > 0 && model.IsCausal) ? read.AsMemory((next - 1) * width, width) : before;
            output.CopyTo(outputs[(timestep * width)..]);
        }
    }

    Task RunAllAsync(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted)
    {
        var job = new BatchJob(state, inputs, outputs, aborted);
        if (Enqueue(job))
        {
            BeginTick(job);
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
                throw TooManyWaiting();
            }

            BeginIfIdle();
            Wait(job);
            return BeginsTick();
        }
    }

    /// <summary>Runs one batch of what is waiting, tells its callers, and has the next one run if there is more.</summary>
    /// <param name="own">The job of the caller whose thread this is.</param>
    internal void RunTick(BatchJob? own = null)
    {
        var tick = NextTick();
        var rows = tick.Jobs.Count > 0 ? Run(tick) : 0;

        var isOwnOver = false;
        foreach (var job in tick.Jobs)
        {
            if (job.IsOver && job == own)
            {
                isOwnOver = true;
            }
            else if (job.IsOver)
            {
                ThreadPool.UnsafeQueueUserWorkItem(job, preferLocal: false);
            }
        }

        if (End(tick, rows))
        {
            StartTick();
        }

        if (isOwnOver)
        {
            own!.Tell();
        }
    }

    void BeginTick(BatchJob? own)
    {
        if (_areLong)
        {
            StartTick();
        }
        else
        {
            RunTick(own);
        }
    }

    /// <summary>Has another thread run a tick: one of the pool, or of the tick's own if it takes so long that a thread's start is nothing.</summary>
    void StartTick()
    {
        if (_areLong)
        {
            new Thread(static batcher => ((StepBatcher)batcher!).RunTick()) { IsBackground = true, Name = $"Tick of {model.Name}" }.UnsafeStart(this);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static batcher => batcher.RunTick(), this, preferLocal: false);
        }
    }

    /// <returns>How many timesteps it ran, of all calls together.</returns>
    int Run(Tick tick)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var job in tick.Jobs)
        {
            if (job.Position == 0)
            {
                _metrics.Waited(job.Queued, began);
            }
        }

        using var span = EngineTracing.IsListenedTo ? EngineTracing.BeginTick(tick.Jobs.Select(job => job.Caller), _metrics) : null;
        var timesteps = tick.Run();
        _areLong = Stopwatch.GetElapsedTime(began) > LongTick;
        var rows = timesteps * tick.Jobs.Count;
        _metrics.Ticked(tick.Jobs.Count, rows, began);
        span?.SetTag("rnn.batch.size", tick.Jobs.Count).SetTag("rnn.timesteps", timesteps);
        return rows;
    }

    Tick NextTick()
    {
        lock (_lock)
        {
            var tick = _idle.TryPop(out var idle) ? idle : new Tick(model);
            while (tick.Jobs.Count < MaxBatchSize && _waiting.TryDequeue(out var job))
            {
                _metrics.Dequeued();
                _waitingTimesteps -= job.Left;
                if (job.IsAborted)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(job, preferLocal: false);
                }
                else
                {
                    tick.Jobs.Add(job);
                }
            }

            return tick;
        }
    }

    /// <returns>Whether another tick must be run.</returns>
    bool End(Tick tick, int rows)
    {
        lock (_lock)
        {
            _backlog.Ran(rows, isFull: tick.Jobs.Count == MaxBatchSize || rows > Tick.MaxRows / 2);
            foreach (var job in tick.Jobs)
            {
                if (!job.IsOver)
                {
                    Wait(job);                             // behind those who came meanwhile
                }
            }

            tick.Jobs.Clear();
            _idle.Push(tick);
            _running--;
            return BeginsTick();
        }
    }

    void BeginIfIdle()
    {
        if (_running == 0)
        {
            _backlog.Begin();
        }
    }

    void Wait(BatchJob job)
    {
        if (job.Position == 0)
        {
            job.Queued = Stopwatch.GetTimestamp();
        }

        _waiting.Enqueue(job);
        _metrics.Queued();
        _waitingTimesteps += job.Left;
    }

    /// <summary>Counts another tick as running if what waits is worth one.</summary>
    bool BeginsTick()
    {
        var isWorthIt = _running == 0
            ? _waiting.Count > 0
            : _running < Environment.ProcessorCount && (_waiting.Count >= MaxBatchSize || _waitingTimesteps >= Tick.MaxRows);
        _running += isWorthIt ? 1 : 0;
        return isWorthIt;
    }
}
