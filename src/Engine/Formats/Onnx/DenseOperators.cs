namespace Rnn.Engine.Formats.Onnx;

/// <summary>Products with weights, and tables of vectors.</summary>
static class DenseOperators
{
    /// <summary>A product with a matrix [I, O].</summary>
    public static Value MatMul(Node node)
    {
        var x = Vectors(node, 0);
        var matrix = node.Constant(1);
        if (matrix.Shape is not [.. var ones, var inputs, var outputs] || ones.Any(size => size != 1))
        {
            throw node.Refusal("multiplies with what is no matrix");
        }

        return Dense(node, x, Shapes.View(node, matrix.Values, [outputs, inputs], [1, outputs], 0), bias: null);
    }

    /// <summary>alpha * A B + beta * C, B perhaps transposed.</summary>
    public static Value Gemm(Node node)
    {
        if (node.Int("transA", 0) != 0)
        {
            throw node.Refusal("has transA, which mixes timesteps");
        }

        var x = Vectors(node, 0);
        var matrix = node.Constant(1);
        if (matrix.Shape is not [var rows, var columns])
        {
            throw node.Refusal("multiplies with what is no matrix");
        }

        var weight = node.Int("transB", 0) != 0 ? matrix : Shapes.View(node, matrix.Values, [columns, rows], [1, columns], 0);
        weight = Scaled(node, weight, node.Float("alpha", 1));
        var bias = node.Input(2) is null ? null
            : Scaled(node, Shapes.Expand(node, Row(node, node.Constant(2)), [weight.Shape[0]]), node.Float("beta", 1)).Values;
        return Dense(node, x, weight, bias);
    }

    /// <summary>The row of a table for each token.</summary>
    public static Value Embedding(Node node)
    {
        var tokens = node.Signal(1);
        var table = node.Constant(0);
        if (tokens.Parts is not [{ Step: null } chain] || tokens.IndexOf(AxisKind.Feature) >= 0)
        {
            throw node.Refusal("takes rows by what are no tokens of the input");
        }

        if (table.Shape is not [var rows, var size] || node.Axis(node.Int("axis", 0), 2) != 0)
        {
            throw node.Refusal("takes rows of what is no table of vectors");
        }

        return new Signal([.. tokens.Axes, Axis.Feature(size)], [chain.Then(new EmbeddingStep(node, table.Values, rows, size), size)]);
    }

    /// <summary>A vector with a 1 at the token, which is what a network of tokens without an embedding reads.</summary>
    public static Value OneHot(Node node)
    {
        var tokens = node.Signal(0);
        if (tokens.Parts is not [{ Step: null } chain] || tokens.IndexOf(AxisKind.Feature) >= 0)
        {
            throw node.Refusal("makes vectors of what are no tokens of the input");
        }

        if (node.Constant(1).Values is not [>= 1 and <= 1 << 24 and var depth] || node.Constant(2).Values is not [0, 1] || node.Int("axis", -1) != -1)
        {
            throw node.Refusal("makes vectors other than of a 1 among zeros");
        }

        return new Signal([.. tokens.Axes, Axis.Feature((int)depth)], [chain.Input.Of((int)depth)]);
    }

    /// <summary>
    /// An input as vectors. What comes straight from the caller has no features until a node that needs some reads it: they are
    /// the dimension that the node works on, mostly the last.
    /// </summary>
    public static Signal Vectors(Node node, int input) =>
        Vectors(node.Signal(input), node.Signal(input).Axes.Count - 1);

    /// <summary>An input as vectors, if it is not yet, whose features lie in dimension <paramref name="axis"/>.</summary>
    public static Signal Vectors(Signal signal, int axis) =>
        signal.IndexOf(AxisKind.Feature) >= 0 || axis < 0 || axis >= signal.Axes.Count || signal.Parts is not [{ Step: null } chain]
        || signal.Axes[axis] is not { Kind: AxisKind.Sequence or AxisKind.One, Size: var size } || (size.IsKnown && size.Offset > int.MaxValue)
            ? signal
            : new Signal(
                [.. signal.Axes.Select((other, i) => i == axis ? Axis.Feature((int)size.Offset) : other)],
                [size.IsKnown ? chain.Input.Of((int)size.Offset) : chain]);

    /// <summary>A constant whose dimensions are 1 but for the last, as a list.</summary>
    static Constant Row(Node node, Constant constant) => constant.Shape.SkipLast(1).All(size => size == 1)
        ? constant.Reshaped(constant.Shape is [.., var width] ? [width] : [1])
        : throw node.Refusal("adds a matrix where each output has one bias");

    static Signal Dense(Node node, Signal x, Constant weight, float[]? bias)
    {
        var feature = x.IndexOf(AxisKind.Feature);
        if (feature < 0 || feature != x.Axes.Count - 1)
        {
            throw node.Refusal("multiplies over another dimension than the features");
        }

        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        if (outputs == 0 || inputs == 0 || x.Parts.Any(part => part.Width != 0 && part.Width != inputs))
        {
            throw node.Refusal($"has a matrix for {inputs} features; {x.Parts[0].Width} come in");
        }

        var step = new DenseStep(node, weight.Values, inputs, outputs, bias);
        return new Signal(
            [.. x.Axes.Select((axis, i) => i == feature ? Axis.Feature(outputs) : axis)], [.. x.Parts.Select(part => part.Then(step, outputs))]);
    }

    static Constant Scaled(Node node, Constant constant, float factor)
    {
        if (factor == 1)
        {
            return constant;
        }

        var values = node.Allowance.Array(constant.Values.Length);
        System.Numerics.Tensors.TensorPrimitives.Multiply(constant.Values, factor, values);
        return new Constant(constant.Shape, values);
    }
}
