using System.Diagnostics;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Scheduling;

/// <summary>
/// What one caller wants: its state advanced by known inputs, and perhaps outputs read. When all is done, or nothing more
/// will be, it is <em>over</em>; its caller learns that when <see cref="Tell"/> runs.
/// </summary>
/// <param name="state">Advanced in place; nobody else's until the job has ended.</param>
/// <param name="inputs">One timestep or more.</param>
/// <param name="outputs">Room for the last output [O], for all of them [T, O], or for none.</param>
/// <param name="aborted">Leaves before the next tick; the one that is under way is finished.</param>
sealed class BatchJob(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted)
    : IThreadPoolWorkItem
{
    readonly TaskCompletionSource _told = new();
    Exception? _failure;

    /// <summary>Ends when the caller is told.</summary>
    public Task Task => _told.Task;

    public RecurrentState State => state;

    public InputSequence Inputs => inputs;

    public Memory<float> Outputs => outputs;

    /// <summary>The span of the caller, if its trace is recorded.</summary>
    public ActivityContext Caller { get; } = EngineTracing.Caller();

    /// <summary>When it came into the queue, by <see cref="Stopwatch"/>.</summary>
    public long Queued { get; set; }

    /// <summary>How many timesteps are done.</summary>
    public int Position { get; set; }

    /// <summary>How many timesteps are left.</summary>
    public int Left => inputs.Length - Position;

    /// <summary>Whether nothing more will be done.</summary>
    public bool IsOver => Left == 0 || _failure is not null;

    /// <summary>Whether the caller has gone away.</summary>
    public bool IsAborted => aborted.IsCancellationRequested;

    /// <summary>Whether the output of a timestep is wanted.</summary>
    /// <param name="timestep">0 to T - 1.</param>
    /// <param name="outputSize">O.</param>
    public bool Reads(int timestep, int outputSize) =>
        outputs.Length > outputSize || (outputs.Length > 0 && timestep == inputs.Length - 1);

    /// <summary>Where the output of a timestep that is wanted goes.</summary>
    public Span<float> OutputOf(int timestep, int outputSize) =>
        outputs.Length > outputSize ? outputs.Span.Slice(timestep * outputSize, outputSize) : outputs.Span;

    /// <summary>Makes the job over; the first failure counts.</summary>
    public void Fail(Exception failure) => _failure ??= failure;

    /// <summary>Runs on the caller's behalf: what awaits the job goes on here.</summary>
    public void Tell()
    {
        if (_failure is not null)
        {
            _told.SetException(_failure);
        }
        else if (Left > 0)
        {
            _told.SetCanceled(aborted);
        }
        else
        {
            _told.SetResult();
        }
    }

    void IThreadPoolWorkItem.Execute() => Tell();
}
