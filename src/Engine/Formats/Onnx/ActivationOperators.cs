using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Activations that are nodes of their own.</summary>
static class ActivationOperators
{
    const float Tolerance = 1e-4f;

    /// <summary>An activation of each number.</summary>
    public static Value Apply(Node node, Activation activation) =>
        ElementOperators.Mapped(DenseOperators.Vectors(node, 0), new ActivationStep(node, activation));

    /// <summary>Selu has constants that a node may name, and nobody changes.</summary>
    public static Activation Selu(Node node) =>
        Math.Abs(node.Float("alpha", 1.67326f) - 1.67326f) < Tolerance && Math.Abs(node.Float("gamma", 1.0507f) - 1.0507f) < Tolerance
            ? new Activation(ActivationKind.Selu)
            : throw node.Refusal("has an alpha or gamma that is not Selu's");

    /// <summary>Gelu by the error function or by tanh.</summary>
    public static Activation Gelu(Node node) => node.Text("approximate", "none") switch
    {
        "none" => new Activation(ActivationKind.Gelu),
        "tanh" => new Activation(ActivationKind.GeluTanh),
        var other => throw node.Refusal($"has approximate '{Node.Shown(other)}'"),
    };

    /// <summary>x sigmoid(alpha x) with alpha 1.</summary>
    public static Activation Swish(Node node) =>
        node.Float("alpha", 1) == 1 ? new Activation(ActivationKind.Silu) : throw node.Refusal("has an alpha other than 1");

    /// <summary>LeakyRelu whose slope was learned: one for all features.</summary>
    public static Activation ParametricRelu(Node node) => node.Constant(1).Values is [var slope, .. var rest] && rest.All(other => other == slope)
        ? new Activation(ActivationKind.LeakyRelu, slope)
        : throw node.Refusal("has a slope for each feature");

    /// <summary>Limits: 0 and 6, only 0, or any two.</summary>
    public static Value Clip(Node node)
    {
        var low = Limit(node, "min", 1, float.NegativeInfinity);
        var high = Limit(node, "max", 2, float.PositiveInfinity);
        switch (low, high)
        {
            case (float.NegativeInfinity or float.MinValue, float.PositiveInfinity or float.MaxValue):
                return node.Required(0);
            case (0, 6):
                return Apply(node, new Activation(ActivationKind.Relu6));
            case (0, float.PositiveInfinity or float.MaxValue):
                return Apply(node, Activation.Relu);
        }

        // min(max(x / w - low / w, 0), 1) w + low, with w the width between the limits.
        var width = high - low;
        if (!(float.IsFinite(width) && width > 0))
        {
            throw node.Refusal($"limits to {low}..{high}, which no activation does");
        }

        var step = (Signal)Apply(node, new Activation(ActivationKind.HardSigmoid, 1 / width, -low / width));
        var count = step.Parts.Max(part => part.Width);
        var (scale, shift) = (node.Allowance.Array(count), node.Allowance.Array(count));
        scale.AsSpan().Fill(width);
        shift.AsSpan().Fill(low);
        return count > 0 && step.Parts.All(part => part.Width == count)
            ? ElementOperators.Affine(node, step, scale, shift)
            : throw node.Refusal("limits an input of unknown width");
    }

    /// <summary>Softmax and the like, which are only layers over the features.</summary>
    public static Value OverFeatures(Node node, Activation activation)
    {
        var x = DenseOperators.Vectors(node, 0);
        var feature = x.IndexOf(AxisKind.Feature);
        var axis = node.Axis(node.Int("axis", node.Opset < 13 ? 1 : -1), x.Axes.Count);

        // Up to version 12 all dimensions from the axis on are one.
        var isFeatures = axis == feature || node.Opset < 13 && axis < feature && x.Axes.Skip(axis).Take(feature - axis).All(other => other.IsOne);
        if (!isFeatures || (node.Opset < 13 && feature != x.Axes.Count - 1))
        {
            throw node.Refusal("is over another dimension than the features");
        }

        return ElementOperators.Mapped(x, new ActivationStep(node, activation));
    }

    static float Limit(Node node, string attribute, int input, float otherwise)
    {
        if (node.Find(attribute) is { } limit)
        {
            return limit.F;
        }

        return node.Input(input) is null ? otherwise
            : node.Constant(input).Values is [var value] ? value
            : throw node.Refusal($"has a {attribute} that is not one number");
    }
}
