using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>A model being applied timestep after timestep, from a state.</summary>
/// <param name="state">Where it begins; not changed.</param>
/// <param name="history">How many of the states that it passes are wanted.</param>
abstract class Unrolling(RecurrentState state, int history)
{
    const int TimestepsAtAStretch = 32;

    /// <summary>
    /// The state after the last timestep that was told; of a generation that has told none, after its input. What is told and what
    /// is kept never differ, so a run can be cut off between any two timesteps and go on from there.
    /// </summary>
    public RecurrentState State { get; protected set; } = state;

    /// <summary>The states before it.</summary>
    public Trail Trail { get; } = new(history);

    /// <summary>Why a generation ended; null while it goes on, or if nothing is generated.</summary>
    public FinishReason? Finish { get; protected set; }

    /// <summary>What draws the same tokens again; null if nothing is drawn.</summary>
    public virtual ulong? Seed => null;

    /// <summary>How each of several generations came out, the told state's first; empty if there is only one, or while they go on.</summary>
    public virtual IReadOnlyList<Choice> Choices => [];

    /// <summary>How probable the input is; null if that is not what runs.</summary>
    public virtual SequenceScore? Score => null;

    /// <summary>What records the timesteps; null if nothing does.</summary>
    public TraceRecorder? Recorder { get; init; }

    /// <summary>What is applied before anything is told; all of it, unless it generates. Null if the inputs alone don't lead to the state.</summary>
    public InputSequence? Inputs { get; set; }

    /// <summary>Whether the state is the one after the prompt already.</summary>
    public bool IsPromptRead { get; init; }

    /// <summary>Runs to the end. May be enumerated once.</summary>
    public abstract IAsyncEnumerable<Timestep> RunAsync(CancellationToken aborted);

    /// <summary>Applies what is read before a generation, and tells the output that it begins with.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batcher">What runs it.</param>
    /// <param name="state">Advanced in place.</param>
    /// <param name="prompt">Empty to begin with the output at <paramref name="state"/>.</param>
    /// <param name="aborted">Ends it.</param>
    /// <returns>[O]; the caller's to use again.</returns>
    private protected async Task<float[]> ReadPromptAsync(
        RecurrentModel model, IStepRunner batcher, RecurrentState state, InputSequence prompt, CancellationToken aborted)
    {
        if (prompt.Length == 0 || IsPromptRead)
        {
            return model.Read(state);
        }

        var output = new float[model.Output.Size];
        await ApplyAsync(batcher, state, prompt, output, aborted);
        return output;
    }

    /// <summary>Applies inputs and reads the last output; one by one as far as the states between them are wanted.</summary>
    private protected async Task ApplyAsync(
        IStepRunner batcher, RecurrentState state, InputSequence inputs, Memory<float> output, CancellationToken aborted)
    {
        var atOnce = inputs.Length - Math.Min(Trail.Capacity, inputs.Length);
        if (atOnce > 0)
        {
            await batcher.RunAsync(state, inputs.Part(0, atOnce), atOnce == inputs.Length ? output : Memory<float>.Empty, aborted);
            Trail.Add(state);
        }

        for (var timestep = atOnce; timestep < inputs.Length; timestep++)
        {
            await batcher.RunAsync(state, inputs.Part(timestep, 1), timestep == inputs.Length - 1 ? output : Memory<float>.Empty, aborted);
            Trail.Add(state);
        }
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
