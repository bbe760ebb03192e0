namespace Rnn.Engine.Layers;

/// <summary>
/// One timestep of one layer over a batch: (x, state) -> (y, state'). Immutable and shared by all callers; what differs
/// between callers is passed in.
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

    /// <summary>Advances every row by one timestep.</summary>
    /// <param name="batch">B, the number of rows.</param>
    /// <param name="x">Inputs, [B, I].</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order, as [B, size]; advanced in place.</param>
    /// <param name="scratch">At least B * <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    /// <returns>Outputs, [B, O]; they lie in <paramref name="state"/> or <paramref name="scratch"/>.</returns>
    public abstract ReadOnlySpan<float> Step(int batch, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch);
}
