using System.Numerics.Tensors;

namespace Rnn.Engine.Layers;

/// <summary>
/// What a network remembers of one sequence: h of each layer, and c where the layer has one. A value: copying it forks
/// the sequence, and its bytes are all there is to keep or to move.
/// </summary>
public sealed class RecurrentState
{
    /// <summary>The last step that a state may be given: the largest whole number that every reader of JSON takes for what it is.</summary>
    public const long MaxStep = (1L << 53) - 1;

    readonly float[] _values;

    /// <summary>The state before the first timestep: all zero, unless the model brings another.</summary>
    /// <param name="layout">The model's layout.</param>
    public RecurrentState(StateLayout layout)
        : this(layout, 0, layout.Initial is [] ? new float[layout.Size] : [.. layout.Initial])
    {
    }

    /// <summary>A state over values that are known to be good; kept, not copied.</summary>
    internal RecurrentState(StateLayout layout, long step, float[] values)
    {
        Layout = layout;
        Step = step;
        _values = values;
    }

    /// <summary>Where each layer's state lies.</summary>
    public StateLayout Layout { get; }

    /// <summary>How many timesteps were applied to reach this state.</summary>
    public long Step { get; internal set; }

    /// <summary>All parts, one after the other in the layout's order.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The same, for a runtime that advances it in place.</summary>
    internal Span<float> Mutable => _values;

    /// <summary>The same, to be kept by whom the state is given up to.</summary>
    internal float[] Array => _values;

    /// <summary>
    /// What was read, as a vector that can be compared with others of the model: the hidden state of the last recurrent layer, scaled to
    /// length 1, so that an inner product is a cosine.
    /// <code>
    /// e = h / |h|      [H]; zero if h is
    /// </code>
    /// </summary>
    public float[] Embed()
    {
        var h = _values.AsSpan(Layout.Top);
        var embedding = new float[h.Length];
        if (TensorPrimitives.Norm<float>(h) is var length and > 0)
        {
            TensorPrimitives.Divide(h, length, embedding);
        }

        return embedding;
    }

    /// <summary>A state with given values.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="step">How many timesteps led to it, 0 or more.</param>
    /// <param name="values">All parts, one after the other in the layout's order; kept, not copied.</param>
    /// <exception cref="EngineException">A value is a NaN or an infinity, which would poison every later step.</exception>
    public static RecurrentState Of(StateLayout layout, long step, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, layout.Size);
        if (!TensorPrimitives.IsFiniteAll<float>(values))
        {
            throw new EngineException(ErrorKind.StateRefused, "The state holds a NaN or an infinity.");
        }

        return new RecurrentState(layout, step, values);
    }

    /// <summary>Makes another state of the same layout equal to this one.</summary>
    internal void CopyTo(RecurrentState other)
    {
        _values.CopyTo(other._values.AsSpan());
        other.Step = Step;
    }

    /// <summary>A state that goes its own way from here.</summary>
    public RecurrentState Copy() => new(Layout, Step, [.. _values]);
}
