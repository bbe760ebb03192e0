namespace Rnn.Engine.Layers;

/// <summary>
/// One layer, recurrent or dense: (x, state) -> (y, state'). Immutable and shared by all callers; what differs between callers is
/// passed in.
/// </summary>
public abstract class Layer
{
    /// <summary>I, the width of x.</summary>
    public abstract int InputSize { get; }

    /// <summary>O, the width of y.</summary>
    public abstract int OutputSize { get; }

    /// <summary>The floats of scratch that one row of a batch needs.</summary>
    public abstract int ScratchSize { get; }

    /// <summary>What the layer keeps between timesteps, in the order in which it lies in memory; empty if nothing.</summary>
    public virtual IReadOnlyList<StatePart> StateParts => [];
}
