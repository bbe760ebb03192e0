using System.Diagnostics;

namespace Rnn.Engine.Layers;

/// <summary>
/// One layer: (x, state) -> (y, state'), over the timesteps of one or more sequences. Immutable and shared by all callers; what
/// differs between callers is passed in.
/// </summary>
public abstract class Layer
{
    /// <summary>I, the width of x.</summary>
    public abstract int InputSize { get; }

    /// <summary>O, the width of y.</summary>
    public abstract int OutputSize { get; }

    /// <summary>The floats of scratch that one timestep of one sequence needs.</summary>
    public abstract int ScratchSize { get; }

    /// <summary>What the layer keeps between timesteps, in the order in which it lies in memory; empty if nothing.</summary>
    public virtual IReadOnlyList<StatePart> StateParts => [];

    /// <summary>Whether the last output can be told from what is kept alone.</summary>
    public virtual bool IsRecurrent => StateParts.Count > 0;

    /// <summary>
    /// Whether an output depends on no later timestep. Without that a sequence must come as a whole, and no state can stand for
    /// its first part.
    /// </summary>
    public virtual bool IsCausal => true;

    /// <summary>Applies the layer to T timesteps of B sequences.</summary>
    /// <param name="batch">B.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="x">[T, B, I].</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order, as [B, size]; advanced in place.</param>
    /// <param name="scratch">At least T * B * <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    /// <returns>[<see cref="Timesteps"/>, B, O]; it lies in <paramref name="x"/>, <paramref name="state"/> or <paramref name="scratch"/>.</returns>
    public abstract ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch);

    /// <summary>Applies the layer to one timestep of one sequence and records what it computes; the bits are those of <see cref="Run"/>.</summary>
    /// <param name="x">[I].</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order; advanced in place.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> floats; undefined afterwards.</param>
    /// <param name="trace">What records.</param>
    /// <returns>[O].</returns>
    public virtual ReadOnlySpan<float> Trace(ReadOnlySpan<float> x, Span<float> state, Span<float> scratch, LayerTrace trace) =>
        Run(1, 1, x, state, scratch);

    /// <summary>Whether a gradient can be followed back through it.</summary>
    public virtual bool IsDifferentiable => false;

    /// <summary>Applies the layer to one timestep of one sequence and tells how a gradient goes back through it. Only of one that <see cref="IsDifferentiable"/>.</summary>
    /// <param name="x">[I].</param>
    /// <param name="state">Each of <see cref="StateParts"/> in order; advanced in place.</param>
    /// <returns>y [O], and the way back.</returns>
    public virtual (float[] Output, Pullback Back) Differentiate(ReadOnlySpan<float> x, Span<float> state) =>
        throw new UnreachableException($"{GetType().Name} is not differentiable. This is a bug.");

    /// <summary>How many timesteps go on after T went in.</summary>
    public virtual int Timesteps(int timesteps) => timesteps;

    /// <summary>The output of one sequence that belongs to its state. Only of one that <see cref="IsRecurrent"/>.</summary>
    /// <param name="state">Each of <see cref="StateParts"/> in order.</param>
    /// <param name="scratch">At least <see cref="ScratchSize"/> floats.</param>
    /// <returns>[O].</returns>
    public virtual ReadOnlySpan<float> OutputAt(ReadOnlySpan<float> state, Span<float> scratch) =>
        throw new UnreachableException($"{GetType().Name} keeps no state. This is a bug.");

    private protected static Span<float> Take(scoped ref Span<float> span, int length)
    {
        var taken = span[..length];
        span = span[length..];
        return taken;
    }
}
