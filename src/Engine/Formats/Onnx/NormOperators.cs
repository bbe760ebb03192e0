using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Normalisations, and the sums and means that some are made of.</summary>
static class NormOperators
{
    /// <summary>scale * (x - mean) / sqrt(variance + epsilon) + bias, which is one product and one sum when predicting.</summary>
    public static Value BatchNormalization(Node node)
    {
        var x = DenseOperators.Vectors(node.Signal(0), axis: 1);
        var feature = x.IndexOf(AxisKind.Feature);
        if (feature != 1 || node.Int("training_mode", 0) != 0)
        {
            throw node.Refusal("normalises another dimension than the features, or as in training");
        }

        var (scale, bias, mean, variance) = (node.Constant(1).Values, node.Constant(2).Values, node.Constant(3).Values, node.Constant(4).Values);
        var width = scale.Length;
        if (width == 0 || bias.Length != width || mean.Length != width || variance.Length != width || x.Parts.Any(part => part.Width != 0 && part.Width != width))
        {
            throw node.Refusal($"normalises {width} features; {x.Parts[0].Width} come in");
        }

        var epsilon = node.Float("epsilon", 1e-5f);
        var (factor, shift) = (node.Allowance.Array(width), node.Allowance.Array(width));
        for (var i = 0; i < width; i++)
        {
            factor[i] = scale[i] / MathF.Sqrt(variance[i] + epsilon);
            shift[i] = bias[i] - mean[i] * factor[i];
        }

        return ElementOperators.Affine(node, x, factor, shift);
    }

    /// <summary>Layer normalisation over the features.</summary>
    public static Value LayerNormalization(Node node)
    {
        var x = DenseOperators.Vectors(node, 0);
        var weight = node.Constant(1).Values;
        var bias = node.Input(2) is null ? node.Allowance.Array(weight.Length) : node.Constant(2).Values;
        if (x.Axes.Count == 0 || node.Axis(node.Int("axis", -1), x.Axes.Count) != x.Axes.Count - 1 || x.Axes[^1].Kind != AxisKind.Feature
            || x.Parts.Any(part => part.Width != 0 && part.Width != weight.Length) || bias.Length != weight.Length)
        {
            throw node.Refusal("normalises another dimension than the features");
        }

        var step = new LayerNormStep(node, weight, bias, node.Float("epsilon", 1e-5f));
        return x.WithParts(x.Parts.Select(part => part.Then(step, weight.Length)));
    }

    /// <summary>The mean of the features, which is the beginning of layer normalisation, or of directions.</summary>
    public static Value ReduceMean(Node node)
    {
        var x = node.Signal(0);
        if (Axis(node, x) is var axis && x.Axes[axis].Kind == AxisKind.Stack)
        {
            return Merged(node, x, axis, Merge.Average);
        }

        if (x.Axes[axis].Kind != AxisKind.Feature || node.Int("keepdims", 1) == 0)
        {
            throw node.Refusal("takes a mean over timesteps");
        }

        return new Signal(
            [.. x.Axes.Select((other, i) => i == axis ? Onnx.Axis.Feature(1) : other)],
            [.. x.Parts.Select(part => part.Then(new FormulaStep(node, Formula.Mean), 1))]);
    }

    /// <summary>The sum of directions.</summary>
    public static Value ReduceSum(Node node)
    {
        var x = node.Signal(0);
        var axis = Axis(node, x);
        return x.Axes[axis].Kind == AxisKind.Stack ? Merged(node, x, axis, Merge.Sum) : throw node.Refusal("adds timesteps or features up");
    }

    static int Axis(Node node, Signal x) => node.Integers("axes", 1) is [var axis]
        ? node.Axis(axis, x.Axes.Count)
        : throw node.Refusal("takes several dimensions together");

    static Signal Merged(Node node, Signal x, int axis, Merge merge) => new(
        node.Int("keepdims", 1) == 0
            ? [.. x.Axes.Where((_, i) => i != axis)]
            : [.. x.Axes.Select((other, i) => i == axis ? Onnx.Axis.One : other)],
        [Merging.Of(node, merge, x.Parts)]);
}
