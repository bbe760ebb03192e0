using Rnn.Engine.Layers;

namespace Rnn.Engine.Sessions;

/// <summary>A state as it is kept: what a store needs to know of it, which is not what a layer is.</summary>
/// <param name="Step">How many timesteps led to it.</param>
/// <param name="Values">The hidden and cell states in the order of the model's layout. Never changed, so it may be shared.</param>
public sealed record Snapshot(long Step, float[] Values)
{
    const int Overhead = 80;                               // its two objects, and its place in a list

    /// <summary>About how many bytes of memory it takes.</summary>
    internal long Bytes => BytesOf(Values.Length);

    /// <summary>About how many bytes of memory a state of <paramref name="size"/> floats takes.</summary>
    internal static long BytesOf(int size) => Overhead + (long)sizeof(float) * size;

    /// <summary>Takes a copy of a state.</summary>
    public static Snapshot Of(RecurrentState state) => new(state.Step, state.Values.ToArray());

    /// <summary>A state that nobody else changes any more; kept, not copied.</summary>
    internal static Snapshot Over(RecurrentState state) => new(state.Step, state.Array);

    /// <summary>The state, over the same values: work on a copy of it.</summary>
    internal RecurrentState ToState(StateLayout layout) => new(layout, Step, Values);
}
