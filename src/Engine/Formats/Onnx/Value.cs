namespace Rnn.Engine.Formats.Onnx;

/// <summary>What is known of a value of the graph.</summary>
abstract class Value;

/// <summary>Sequences on their way through the layers.</summary>
/// <param name="axes">What each dimension is.</param>
/// <param name="parts">The chain that made it; several if there is an axis <see cref="AxisKind.Stack"/>, one for each index of it.</param>
/// <param name="isState">Whether it is the state after the last timestep as a recurrent node gives it, looked at differently at most.</param>
sealed class Signal(IReadOnlyList<Axis> axes, IReadOnlyList<Chain> parts, bool isState = false) : Value
{
    /// <summary>What each dimension is.</summary>
    public IReadOnlyList<Axis> Axes => axes;

    /// <summary>The chains.</summary>
    public IReadOnlyList<Chain> Parts => parts;

    /// <summary>Whether it is a state as it stands.</summary>
    public bool IsState => isState;

    /// <summary>The same chains with other axes.</summary>
    public Signal WithAxes(IReadOnlyList<Axis> other) => new(other, parts, isState);

    /// <summary>The same axes with other chains.</summary>
    public Signal WithParts(IEnumerable<Chain> other) => new(axes, [.. other]);

    /// <summary>The position of the axis of a kind, or -1.</summary>
    public int IndexOf(AxisKind kind)
    {
        for (var i = 0; i < axes.Count; i++)
        {
            if (axes[i].Kind == kind)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>Integers of rank 0 or 1 that the graph computes with: shapes, positions, axes.</summary>
sealed class Integers(IReadOnlyList<Size> values, bool isScalar) : Value
{
    /// <summary>More are not followed; a shape has eight at most.</summary>
    public const int MaxCount = 64;

    /// <summary>The integers.</summary>
    public IReadOnlyList<Size> Values => values;

    /// <summary>Whether the rank is 0.</summary>
    public bool IsScalar => isScalar;
}

/// <summary>One number in a shape that may depend on the input; such as a state of zeros for each row of a batch.</summary>
sealed class Filled(float number, IReadOnlyList<Size>? shape = null) : Value
{
    /// <summary>The number.</summary>
    public float Number => number;

    /// <summary>The shape; null if it was not followed.</summary>
    public IReadOnlyList<Size>? Shape => shape;
}

/// <summary>A state that sessions keep: given by the caller, or the cell state that goes back to the caller.</summary>
sealed class KeptState : Value;

/// <summary>What no layer can be made of; only a reason to refuse the model if an output needs it.</summary>
sealed class Refused(EngineException reason) : Value
{
    /// <summary>Why.</summary>
    public EngineException Reason => reason;
}

/// <summary>Weights.</summary>
sealed class Constant : Value
{
    readonly Lazy<float[]> _numbers;

    /// <summary>Weights of the file, which are read when a layer needs them.</summary>
    public Constant(int[] shape, Func<float[]> load)
        : this(shape, new Lazy<float[]>(load, LazyThreadSafetyMode.None), isBroadcast: false)
    {
    }

    /// <summary>Weights that are at hand.</summary>
    public Constant(int[] shape, float[] values)
        : this(shape, new Lazy<float[]>(values), isBroadcast: false)
    {
    }

    Constant(int[] shape, Lazy<float[]> numbers, bool isBroadcast)
    {
        Shape = shape;
        _numbers = numbers;
        IsBroadcast = isBroadcast;
    }

    /// <summary>The length of each dimension.</summary>
    public int[] Shape { get; }

    /// <summary>Whether dimensions of 1 stand for any number of equal rows.</summary>
    public bool IsBroadcast { get; }

    /// <summary>The numbers, row-major.</summary>
    public float[] Values => _numbers.Value;

    /// <summary>The same numbers in another shape.</summary>
    public Constant Reshaped(int[] shape) => new(shape, _numbers, IsBroadcast);

    /// <summary>The same numbers in another shape, in which dimensions of 1 stand for any number of equal rows.</summary>
    public Constant Repeated(int[] shape) => new(shape, _numbers, isBroadcast: true);
}
