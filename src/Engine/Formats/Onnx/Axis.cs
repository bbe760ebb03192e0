namespace Rnn.Engine.Formats.Onnx;

/// <summary>What one dimension of a <see cref="Signal"/> is.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Size">Its length.</param>
/// <param name="Index">Of a <see cref="AxisKind.Sequence"/>, which dimension of the input it was.</param>
/// <param name="Merged">Of a <see cref="AxisKind.Merged"/>, what it is made of, in order.</param>
sealed record Axis(AxisKind Kind, Size Size, int Index = 0, IReadOnlyList<Axis>? Merged = null)
{
    /// <summary>A dimension of length 1 that stands for nothing.</summary>
    public static Axis One { get; } = new(AxisKind.One, 1);

    /// <summary>Features side by side; 0 for as many as the input has.</summary>
    public static Axis Feature(int width) => new(AxisKind.Feature, width);

    /// <summary>Several chains.</summary>
    public static Axis Stack(int count) => new(AxisKind.Stack, count);

    /// <summary>Whether the length is 1 whatever the input is, so that nothing is lost without it.</summary>
    public bool IsOne => Size.Is(1);
}

/// <summary>The kinds of dimensions.</summary>
enum AxisKind
{
    /// <summary>Timesteps or rows of a batch; which of both, the first recurrent node tells.</summary>
    Sequence,

    /// <summary>The numbers of a vector.</summary>
    Feature,

    /// <summary>Directions of a recurrent node, or states of several nodes.</summary>
    Stack,

    /// <summary>Length 1.</summary>
    One,

    /// <summary>Several of the first kind made one.</summary>
    Merged,
}
