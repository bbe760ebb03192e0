using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>A model being applied timestep after timestep, from a state.</summary>
/// <param name="state">Where it begins; not changed.</param>
abstract class Unrolling(RecurrentState state)
{
    const int TimestepsAtAStretch = 32;

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

    /// <summary>Applies what is read before a generation, and tells the output that it begins with.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batcher">What runs it.</param>
    /// <param name="state">Advanced in place.</param>
    /// <param name="prompt">Empty to begin with the output at <paramref name="state"/>.</param>
    /// <param name="aborted">Ends it.</param>
    /// <returns>[O]; the caller's to use again.</returns>
    private protected static async Task<float[]> ReadPromptAsync(
        RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence prompt, CancellationToken aborted)
    {
        if (prompt.Length == 0)
        {
            return model.Read(state);
        }

        var output = new float[model.Output.Size];
        await batcher.RunAsync(state, prompt, output, aborted);
        return output;
    }

    /// <summary>
    /// Gives the thread back after every so many generated timesteps: a caller alone never has to wait for one, and would
    /// starve the others of the process.
    /// </summary>
    /// <param name="timesteps">How many have run.</param>
    private protected static async ValueTask YieldAsync(int timesteps)
    {
        if (timesteps % TimestepsAtAStretch == 0)
        {
            await Task.Yield();
        }
    }
}
