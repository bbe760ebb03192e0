using Rnn.Engine.Layers;

namespace Rnn.Engine.Models;

/// <summary>
/// What computes a model: the engine's own layers, or another runtime that keeps its state in tensors which go in and come out.
/// Immutable and safe to share.
/// </summary>
public abstract class ModelRuntime : IDisposable
{
    /// <summary>What it keeps between timesteps.</summary>
    public abstract IReadOnlyList<StatePart> StateParts { get; }

    /// <summary>The state before the first timestep; empty if it is zero.</summary>
    public virtual float[] InitialState => [];

    /// <summary>O, the width of an output.</summary>
    public abstract int OutputSize { get; }

    /// <summary>The number of weights and biases.</summary>
    public abstract long ParameterCount { get; }

    /// <summary>Whether an output depends on no later timestep.</summary>
    public virtual bool IsCausal => true;

    /// <summary>Whether there is one output at the end of a sequence only.</summary>
    public virtual bool ReadsLastOnly => false;

    /// <summary>The most sequences that can be run as one batch.</summary>
    public virtual int MaxBatchSize => int.MaxValue;

    /// <summary>The most timesteps that can be run at once.</summary>
    public abstract int MaxTimestepsAtOnce { get; }

    /// <summary>Advances several sequences by T timesteps whose inputs are all known.</summary>
    /// <param name="states">The states of B sequences of this model, no two the same; their values are advanced in place.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="input">T * B tokens or vectors: those of the first timestep, of the second, and so on.</param>
    /// <param name="reads">Which outputs are read, in rising order: timestep t of sequence b is t * B + b.</param>
    /// <param name="outputs">[reads, O]: the network's outputs, logits or scaled values.</param>
    public abstract void Run(
        ReadOnlySpan<RecurrentState> states, int timesteps, StepInput input, ReadOnlySpan<int> reads, Span<float> outputs);

    /// <summary>Whether what its layers compute can be recorded.</summary>
    public virtual bool Traces => false;

    /// <summary>Advances one sequence by one timestep and records it. Only of one that <see cref="Traces"/>.</summary>
    /// <param name="state">Advanced in place.</param>
    /// <param name="input">One token or vector.</param>
    /// <param name="trace">What records.</param>
    /// <returns>The output, [O].</returns>
    internal virtual float[] Trace(RecurrentState state, StepInput input, LayerTrace trace) =>
        throw new System.Diagnostics.UnreachableException("Nothing can be recorded here. This is a bug.");

    /// <summary>Whether gradients can be followed back through its layers.</summary>
    public virtual bool IsDifferentiable => false;

    /// <summary>One input as the layers read it, [I]. Only of one that <see cref="IsDifferentiable"/>.</summary>
    internal virtual float[] VectorOf(StepInput input) => throw new System.Diagnostics.UnreachableException("Nothing is differentiable here. This is a bug.");

    /// <summary>The gradient of one of the last timestep's outputs with respect to each input. Only of one that <see cref="IsDifferentiable"/>.</summary>
    /// <param name="state">Where it begins; advanced in place.</param>
    /// <param name="inputs">T inputs, as <see cref="VectorOf"/> tells them.</param>
    /// <param name="output">Which of the outputs, given all of them.</param>
    /// <returns>[T, I].</returns>
    internal virtual float[][] GradientOf(RecurrentState state, IReadOnlyList<float[]> inputs, Func<float[], int> output) =>
        throw new System.Diagnostics.UnreachableException("Nothing is differentiable here. This is a bug.");

    /// <summary>The output that belongs to a state, [O].</summary>
    public abstract float[] OutputAt(RecurrentState state);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the runtime holds outside of the managed heap.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
