using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>One thing that a graph does to a sequence of vectors.</summary>
/// <param name="Node">The node that does it.</param>
abstract record Step(Node Node);

/// <summary>A row of a table for each token.</summary>
sealed record EmbeddingStep(Node Node, float[] Table, int Rows, int Size) : Step(Node);

/// <summary>One direction of a recurrent node. Its tensors have no names yet but <c>weight_ih</c> and the like.</summary>
sealed record RecurrentStep(Node Node, RecurrentManifest Settings, IReadOnlyList<Weight> Weights) : Step(Node);

/// <summary>A matrix [O, I], a bias if there is one, and what is applied to the output.</summary>
sealed record DenseStep(Node Node, float[] Weight, int Inputs, int Outputs, float[]? Bias, Activation Activation = default) : Step(Node);

/// <summary>A function of each number or vector.</summary>
sealed record ActivationStep(Node Node, Activation Activation) : Step(Node);

/// <summary>scale * x + shift, number by number.</summary>
sealed record AffineStep(Node Node, float[] Scale, float[] Shift) : Step(Node);

/// <summary>Layer normalisation over the features.</summary>
sealed record LayerNormStep(Node Node, float[] Weight, float[] Bias, float Epsilon) : Step(Node);

/// <summary>Keeps the first or the last timestep.</summary>
sealed record PickStep(Node Node, bool First) : Step(Node);

/// <summary>Turns the order of the timesteps round.</summary>
sealed record ReverseStep(Node Node) : Step(Node);

/// <summary>Several chains, which all stand on one below, become one.</summary>
sealed record MergeStep(Node Node, Merge Merge, Chain Below, IReadOnlyList<Chain> Parts) : Step(Node);

/// <summary>A part of a formula that is no layer by itself; the model is refused if nothing makes a layer of it.</summary>
sealed record FormulaStep(Node Node, Formula Formula) : Step(Node);

/// <summary>A tensor of a recurrent step.</summary>
/// <param name="Stem">Its name without the layer's, such as <c>weight_ih</c>.</param>
/// <param name="Shape">The length of each dimension.</param>
/// <param name="Values">Row-major.</param>
/// <param name="Suffix">Ends the name; tells the directions of one layer apart.</param>
sealed record Weight(string Stem, int[] Shape, float[] Values, string Suffix = "");

/// <summary>The parts of Gelu's and of layer normalisation's formula.</summary>
enum Formula
{
    /// <summary>The error function.</summary>
    Erf,

    /// <summary>The mean of the features.</summary>
    Mean,

    /// <summary>x minus its mean.</summary>
    Centered,

    /// <summary>x^2.</summary>
    Square,

    /// <summary>|x|.</summary>
    Absolute,

    /// <summary>The square root.</summary>
    Root,

    /// <summary>1 / x.</summary>
    Reciprocal,
}
