namespace Rnn.Engine.Formats.Onnx;

/// <summary>Operators that order or name dimensions anew and change no number.</summary>
static class ViewOperators
{
    /// <summary>Dimensions in another order.</summary>
    public static Value Transpose(Node node)
    {
        switch (Plain(node, node.Required(0)))
        {
            case Signal signal:
                return signal.WithAxes([.. Shapes.Permutation(node, signal.Axes.Count).Select(axis => signal.Axes[axis])]);
            case Constant { IsBroadcast: false } constant:
                var order = Shapes.Permutation(node, constant.Shape.Length);
                var strides = Shapes.Strides(constant.Shape);
                return Shapes.View(node, constant.Values, [.. order.Select(axis => constant.Shape[axis])], [.. order.Select(axis => strides[axis])], 0);
            case Integers integers:
                return integers;
            case var other:
                return Same(node, other);
        }
    }

    /// <summary>Dimensions of 1 go.</summary>
    public static Value Squeeze(Node node)
    {
        switch (Plain(node, node.Required(0)))
        {
            case Signal signal:
                var gone = Axes(node, signal.Axes.Count) ?? [.. Enumerable.Range(0, signal.Axes.Count).Where(axis => signal.Axes[axis].IsOne)];
                if (gone.Any(axis => signal.Axes[axis] is { Size.IsKnown: true, IsOne: false } kept && !kept.Size.Is(0)))
                {
                    throw node.Refusal("takes away a dimension that is longer than 1");
                }

                return signal.WithAxes([.. signal.Axes.Where((_, axis) => !gone.Contains(axis))]);
            case Constant constant:
                var axes = Axes(node, constant.Shape.Length) ?? [.. Enumerable.Range(0, constant.Shape.Length).Where(axis => constant.Shape[axis] == 1)];
                return axes.All(axis => constant.Shape[axis] == 1)
                    ? constant.Reshaped([.. constant.Shape.Where((_, axis) => !axes.Contains(axis))])
                    : throw node.Refusal("takes away a dimension that is longer than 1");
            case Integers { Values.Count: 1 } integers:
                return new Integers(integers.Values, isScalar: true);
            case var other:
                return Same(node, other);
        }
    }

    /// <summary>New dimensions of 1.</summary>
    public static Value Unsqueeze(Node node)
    {
        switch (Plain(node, node.Required(0)))
        {
            case Signal signal:
                return signal.WithAxes(Widened(node, signal.Axes, Axis.One));
            case Constant constant:
                return constant.Reshaped([.. Widened(node, constant.Shape, 1)]);
            case Integers { IsScalar: true } integers:
                return new Integers(integers.Values, isScalar: false);
            case Integers integers when node.AsConstant(integers) is { } constant:
                return new Constant([.. Widened(node, constant.Shape, 1)], constant.Values);
            case var other:
                return Same(node, other);
        }
    }

    /// <summary>The same numbers in other dimensions.</summary>
    public static Value Reshape(Node node)
    {
        var target = node.Ints("shape") is { } known ? [.. known.Select(size => (Size)size)]
            : node.Input(1) is Integers integers ? integers.Values
            : throw node.Refusal("makes a shape that is not known");
        if (target.Count > Shapes.MaxRank)
        {
            throw node.Refusal($"makes {target.Count} dimensions; at most {Shapes.MaxRank} are read");
        }

        return Reshape(node, target, keepsZero: node.Int("allowzero", 0) == 0);
    }

    /// <summary>Two dimensions: all before an axis and all from it on.</summary>
    public static Value Flatten(Node node)
    {
        IReadOnlyList<Size> shape = node.Required(0) switch
        {
            Signal signal => [.. signal.Axes.Select(axis => axis.Size)],
            Constant constant => [.. constant.Shape.Select(size => (Size)size)],
            _ => throw node.Refusal("flattens what has no known shape"),
        };
        var before = node.Int("axis", 1) == shape.Count ? shape.Count : node.Axis(node.Int("axis", 1), shape.Count);
        return Reshape(node, [Product(node, shape.Take(before)), Product(node, shape.Skip(before))], keepsZero: false);
    }

    /// <summary>Dimensions of 1 repeated: states for each row of a batch.</summary>
    public static Value Expand(Node node)
    {
        var shape = node.Required(1) as Integers ?? throw node.Refusal("makes a shape that is not known");
        return Repeat(node, shape.Values, shape.Values.All(size => size is { IsKnown: true, Offset: > 0 and <= int.MaxValue })
            ? constant => Shapes.Expand(node, constant, Shapes.Broadcast(node, constant.Shape, [.. shape.Values.Select(size => (int)size.Offset)]))
            : null);
    }

    /// <summary>Dimensions repeated.</summary>
    public static Value Tile(Node node)
    {
        var repeats = node.Required(1) as Integers ?? throw node.Refusal("repeats as often as is not known");
        return repeats.Values.All(times => times.Is(1)) ? node.Required(0) : Repeat(node, repeats.Values, expand: null);
    }

    static Value Repeat(Node node, IReadOnlyList<Size> shape, Func<Constant, Constant>? expand)
    {
        switch (Plain(node, node.Required(0)))
        {
            case Integers { Values.Count: 1 } integers:
                return shape is [{ IsKnown: true, Offset: >= 0 and <= Integers.MaxCount } count]
                    ? new Integers([.. Enumerable.Repeat(integers.Values[0], (int)count.Offset)], isScalar: false)
                    : new Integers(integers.Values, isScalar: false);
            case Constant { IsBroadcast: false } constant when IsUniform(constant):
                return new Filled(constant.Values[0], node.Operator == "Expand" && shape.Count >= constant.Shape.Length ? Wider(constant, shape) : null);
            case Constant { IsBroadcast: false } constant when expand is not null:
                return expand(constant);
            case Constant { IsBroadcast: false } constant when shape.Count >= constant.Shape.Length && shape.Count <= Shapes.MaxRank:
                int[] padded = [.. Enumerable.Repeat(1, shape.Count - constant.Shape.Length), .. constant.Shape];
                return padded.Where((size, axis) => size != 1 && !shape[axis].Is(1) && !shape[axis].Is(size)).Any()
                    ? throw node.Refusal("repeats what is longer than 1")
                    : constant.Repeated(padded);
            case Signal signal when signal.Axes.Count == shape.Count && node.Operator == "Expand"
                && !signal.Axes.Where((axis, i) => axis.Size != shape[i] && !shape[i].Is(1)).Any():
                return signal;
            case var other:
                return Same(node, other);
        }
    }

    static IReadOnlyList<Size> Wider(Constant constant, IReadOnlyList<Size> shape)
    {
        var skipped = shape.Count - constant.Shape.Length;
        return [.. shape.Select((size, i) => i >= skipped && size.Is(1) ? constant.Shape[i - skipped] : size)];
    }

    static bool IsUniform(Constant constant)
    {
        // A state is small, and a table that is looked at by every node of a graph takes its time.
        const int longest = 1 << 14;
        return Shapes.IsWithin(constant.Shape, longest) && constant.Values is [var first, ..] && constant.Values.AsSpan().IndexOfAnyExcept(first) < 0;
    }

    static Value Reshape(Node node, IReadOnlyList<Size> target, bool keepsZero)
    {
        switch (Plain(node, node.Required(0)))
        {
            case Signal signal:
                return AxisGroups.Reshape(node, signal, target, keepsZero);
            case Constant { IsBroadcast: false } constant:
                Size[] shape = [.. constant.Shape.Select(size => (Size)size)];
                var sizes = AxisGroups.Resolve(node, shape, target, keepsZero);
                return sizes.All(size => size is { IsKnown: true, Offset: >= 0 and <= int.MaxValue }) && Product(node, sizes) == Product(node, shape)
                    ? constant.Reshaped([.. sizes.Select(size => (int)size.Offset)])
                    : throw node.Refusal($"makes [{string.Join(", ", target)}] of [{string.Join(", ", constant.Shape)}]");
            case Integers integers when target.Count <= 1 && (target.Count == 1 || integers.Values.Count == 1):
                return new Integers(integers.Values, isScalar: target.Count == 0);
            case var other:
                return Same(node, other);
        }
    }

    static Size Product(Node node, IEnumerable<Size> sizes)
    {
        Size product = 1;
        foreach (var size in sizes)
        {
            product = Size.Multiply(product, size) ?? throw node.Refusal("computes a size that is not followed");
        }

        return product;
    }

    /// <summary>A uniform tensor whose shape is known is as good as any constant.</summary>
    static Value Plain(Node node, Value value) => value is Filled { Shape: { } shape } && shape.All(size => size.IsKnown)
        ? node.AsConstant(value) ?? value
        : value;

    static Value Same(Node node, Value value) => value switch
    {
        KeptState => value,
        Filled filled => new Filled(filled.Number),
        _ => throw node.Refusal("changes the dimensions of what is not followed"),
    };

    static int[]? Axes(Node node, int rank) => node.Integers("axes", 1)?.Select(axis => node.Axis(axis, rank)).ToArray();

    static List<T> Widened<T>(Node node, IReadOnlyList<T> shape, T one)
    {
        var axes = node.Integers("axes", 1) ?? throw node.Refusal("has no axes");
        if (shape.Count + axes.Length > Shapes.MaxRank)
        {
            throw node.Refusal($"makes {shape.Count + axes.Length} dimensions; at most {Shapes.MaxRank} are read");
        }

        var widened = shape.ToList();
        foreach (var axis in axes.Select(axis => node.Axis(axis, shape.Count + axes.Length)).Order())
        {
            widened.Insert(Math.Min(axis, widened.Count), one);
        }

        return widened;
    }
}
