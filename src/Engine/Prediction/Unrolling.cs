using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Prediction;

/// <summary>A model being applied timestep after timestep, from a state.</summary>
/// <param name="state">Where it begins; not changed.</param>
abstract class Unrolling(RecurrentState state)
{
    /// <summary>
    /// How many timesteps run at a stretch. Their inputs are projected in one product; then the thread is given back, so
    /// that a long run can't starve the other callers of the process.
    /// </summary>
    private protected const int ChunkLength = 32;

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
        for (var start = 0; start < inputs.Length; start += ChunkLength)
        {
            aborted.ThrowIfCancellationRequested();
            var count = Math.Min(ChunkLength, inputs.Length - start);
            model.Run(state, inputs.Slice(start, count), count, []);
            await YieldAsync(start + count);
        }
    }

    /// <summary>Gives the thread back after every so many timesteps.</summary>
    /// <param name="timesteps">How many have run.</param>
    private protected static async ValueTask YieldAsync(int timesteps)
    {
        if (timesteps % ChunkLength == 0)
        {
            await Task.Yield();
        }
    }
}
