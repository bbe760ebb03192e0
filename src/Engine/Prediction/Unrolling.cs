using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Prediction;

/// <summary>A model being applied timestep after timestep, from a state.</summary>
/// <param name="state">Where it begins; not changed.</param>
abstract class Unrolling(RecurrentState state)
{
    // A long run gives its thread back now and then, so that it can't starve the other callers of the process.
    const int StepsBetweenYields = 64;

    /// <summary>
    /// The state after the last timestep that was told. What is told and what is kept never differ, so a run can be cut
    /// off between any two timesteps and go on from there.
    /// </summary>
    public RecurrentState State { get; protected set; } = state;

    /// <summary>Why a generation ended; null while it goes on, or if nothing is generated.</summary>
    public FinishReason? Finish { get; protected set; }

    /// <summary>What draws the same tokens again; null if nothing is drawn.</summary>
    public virtual ulong? Seed => null;

    /// <summary>Runs to the end. May be enumerated once.</summary>
    public abstract IAsyncEnumerable<Timestep> RunAsync(CancellationToken aborted);

    /// <summary>Applies <paramref name="inputs"/> and reads nothing.</summary>
    private protected static async Task AdvanceAsync(
        RecurrentModel model, RecurrentState state, InputSequence inputs, CancellationToken aborted)
    {
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            aborted.ThrowIfCancellationRequested();
            model.Step([state], inputs[timestep]);
            await YieldAsync(timestep);
        }
    }

    /// <summary>Gives the thread back after every so many timesteps.</summary>
    private protected static async ValueTask YieldAsync(int timestep)
    {
        if (timestep % StepsBetweenYields == StepsBetweenYields - 1)
        {
            await Task.Yield();
        }
    }
}
