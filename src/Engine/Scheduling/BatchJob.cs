using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Scheduling;

/// <summary>What one caller wants: its state advanced by known inputs, and perhaps outputs read. Ends when all is done.</summary>
/// <param name="state">Advanced in place; nobody else's until the job has ended.</param>
/// <param name="inputs">One timestep or more.</param>
/// <param name="outputs">Room for the last output [O], for all of them [T, O], or for none.</param>
/// <param name="aborted">Leaves the queue; a tick that is under way is finished.</param>
sealed class BatchJob(RecurrentState state, InputSequence inputs, Memory<float> outputs, CancellationToken aborted)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public RecurrentState State => state;

    public InputSequence Inputs => inputs;

    public Memory<float> Outputs => outputs;

    /// <summary>How many timesteps are done.</summary>
    public int Position { get; set; }

    /// <summary>How many timesteps are left.</summary>
    public int Left => inputs.Length - Position;

    /// <summary>Whether the output of a timestep is wanted.</summary>
    /// <param name="timestep">0 to T - 1.</param>
    /// <param name="outputSize">O.</param>
    public bool Reads(int timestep, int outputSize) =>
        outputs.Length > outputSize || (outputs.Length > 0 && timestep == inputs.Length - 1);

    /// <summary>Where the output of a timestep that is wanted goes.</summary>
    public Span<float> OutputOf(int timestep, int outputSize) =>
        outputs.Length > outputSize ? outputs.Span.Slice(timestep * outputSize, outputSize) : outputs.Span;

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
