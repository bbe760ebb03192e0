namespace Rnn.Engine.Formats.Onnx;

/// <summary>Operators that compute shapes and positions.</summary>
static class IntegerOperators
{
    /// <summary>The lengths of the dimensions.</summary>
    public static Value Shape(Node node)
    {
        IReadOnlyList<Size> shape = node.Required(0) switch
        {
            // A width that nothing tells yet is a symbol of its own.
            Signal signal => [.. signal.Axes.Select(axis => axis.Size.Is(0) ? Size.Symbol(Shapes.MaxRank) : axis.Size)],
            Constant { IsBroadcast: false } constant => [.. constant.Shape.Select(size => (Size)size)],
            Filled { Shape: { } sizes } => sizes,
            Integers integers => integers.IsScalar ? [] : [integers.Values.Count],
            _ => throw node.Refusal("asks for a shape that is not known"),
        };
        var (start, count) = Shapes.Range(node, node.Int("start", 0), node.Int("end", shape.Count), 1, shape.Count);
        return new Integers([.. shape.Skip(start).Take(count)], isScalar: false);
    }

    /// <summary>The same number everywhere.</summary>
    public static Value ConstantOfShape(Node node)
    {
        var shape = node.Required(0) as Integers ?? throw node.Refusal("has no shape of integers");
        var number = node.Find("value")?.T is { } tensor ? new TensorReader(node.File, node.Allowance).Read(tensor, node.Operator) : new Filled(0);
        switch (number)
        {
            case Integers { Values: [var value] }:
                return shape.Values is [{ IsKnown: true, Offset: >= 0 and <= Integers.MaxCount } count]
                    ? new Integers([.. Enumerable.Repeat(value, (int)count.Offset)], isScalar: false)
                    : new Integers([value], isScalar: false);
            case Constant { Values: [var value] }:
                return new Filled(value, shape.Values);
            case Filled:
                return new Filled(0, shape.Values);
            default:
                throw node.Refusal("has a value that is not one number");
        }
    }

    /// <summary>The sum, difference, product, quotient or maximum of integers; null if the inputs are none.</summary>
    public static Value? Binary(Node node, Func<Size, Size, Size?> operation)
    {
        if (node.Required(0) is not Integers a || node.Required(1) is not Integers b)
        {
            return null;
        }

        return new Integers([.. Pairs(node, a, b).Select(pair => operation(pair.A, pair.B)
            ?? throw node.Refusal("computes a size that depends on the input in a way that is not followed"))], a.IsScalar && b.IsScalar);
    }

    /// <summary>1 where two integers are equal. A size that depends on the input equals only itself.</summary>
    public static Value Equal(Node node) =>
        Binary(node, (a, b) => a == b ? 1 : 0) ?? throw node.Refusal("compares what are no sizes");

    /// <summary>The second integer where the first is not 0, else the third.</summary>
    public static Value Where(Node node)
    {
        if (node.Required(0) is not Integers condition || node.Required(1) is not Integers yes || node.Required(2) is not Integers no)
        {
            throw node.Refusal("chooses between what are no sizes");
        }

        var count = new[] { condition, yes, no }.Max(integers => integers.Values.Count);
        return new Integers(
            [.. Enumerable.Range(0, count).Select(i => At(node, condition, i, count).Is(0) ? At(node, no, i, count) : At(node, yes, i, count))],
            condition.IsScalar && yes.IsScalar && no.IsScalar);
    }

    /// <summary>The product of all sizes.</summary>
    public static Value Product(Node node)
    {
        var integers = node.Required(0) as Integers ?? throw node.Refusal("multiplies what are no sizes");
        Size? product = 1;
        foreach (var size in integers.Values)
        {
            product = product is { } known ? Size.Multiply(known, size) : null;
        }

        return new Integers([product ?? throw node.Refusal("computes a size that is not followed")], isScalar: node.Int("keepdims", 1) == 0);
    }

    static IEnumerable<(Size A, Size B)> Pairs(Node node, Integers a, Integers b)
    {
        var count = Math.Max(a.Values.Count, b.Values.Count);
        return Enumerable.Range(0, count).Select(i => (At(node, a, i, count), At(node, b, i, count)));
    }

    static Size At(Node node, Integers integers, int index, int count) =>
        integers.Values.Count == count ? integers.Values[index]
        : integers.Values.Count == 1 ? integers.Values[0]
        : throw node.Refusal($"puts {integers.Values.Count} and {count} integers together");
}
