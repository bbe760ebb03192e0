namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Follows a reshape of sequences: which dimensions stay, go as they are 1, or become one. Directions beside features become
/// features; timesteps and rows of a batch may be one dimension around a dense layer and two again after it.
/// </summary>
static class AxisGroups
{
    /// <summary>The sequences in the dimensions of <paramref name="target"/>.</summary>
    public static Signal Reshape(Node node, Signal signal, IReadOnlyList<Size> target, bool keepsZero)
    {
        var sizes = Resolve(node, [.. signal.Axes.Select(axis => axis.Size)], target, keepsZero);
        var axes = signal.Axes.SelectMany(axis => axis.Merged ?? [axis]).ToList();
        List<Axis> result = [];
        var (next, parts) = (0, signal.Parts);
        foreach (var size in sizes)
        {
            while (!size.Is(1) && next < axes.Count && axes[next].Kind == AxisKind.One)
            {
                next++;
            }

            if (next < axes.Count && axes[next].Size == size)
            {
                result.Add(axes[next].Kind == AxisKind.Stack && size.Is(1) ? Axis.One : axes[next]);
                next++;
            }
            else if (size.Is(1))
            {
                result.Add(Axis.One);
            }
            else
            {
                result.Add(Merge(node, Group(node, axes, ref next, size), ref parts));
            }
        }

        return axes.Skip(next).All(axis => axis.IsOne)
            ? new Signal(result, parts, signal.IsState && ReferenceEquals(parts, signal.Parts))
            : throw node.Refusal($"makes [{string.Join(", ", sizes)}] of [{string.Join(", ", signal.Axes.Select(axis => axis.Size))}]");
    }

    /// <summary>The target of a reshape, in which 0 stands for the size as it was and -1 for what is left.</summary>
    public static IReadOnlyList<Size> Resolve(Node node, IReadOnlyList<Size> shape, IReadOnlyList<Size> target, bool keepsZero)
    {
        var sizes = target.ToArray();
        Size? rest = 1;
        foreach (var size in shape)
        {
            rest = rest is { } product ? Size.Multiply(product, size) : null;
        }

        var open = -1;
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i].Is(0) && keepsZero)
            {
                sizes[i] = i < shape.Count ? shape[i] : throw node.Refusal("keeps a dimension that is not there");
            }

            if (sizes[i].Is(-1))
            {
                open = open < 0 ? i : throw node.Refusal("leaves two dimensions open");
            }
            else
            {
                rest = rest is { } product ? Size.Divide(product, sizes[i]) : null;
            }
        }

        if (open >= 0)
        {
            sizes[open] = rest ?? throw node.Refusal($"makes [{string.Join(", ", target)}] of [{string.Join(", ", shape)}], which does not go");
        }

        return sizes;
    }

    static List<Axis> Group(Node node, List<Axis> axes, ref int next, Size size)
    {
        List<Axis> group = [];
        Size? product = 1;
        while (product is { } known && known != size && next < axes.Count)
        {
            group.Add(axes[next]);
            product = Size.Multiply(known, axes[next].Size);
            next++;
        }

        return product == size ? group : throw node.Refusal("divides dimensions in a way that is not followed");
    }

    static Axis Merge(Node node, List<Axis> group, ref IReadOnlyList<Chain> parts)
    {
        var real = group.Where(axis => !axis.IsOne).ToList();
        switch (real)
        {
            case [var single]:
                return single;
            case [{ Kind: AxisKind.Stack }, { Kind: AxisKind.Feature }]:
                parts = [Merging.Of(node, Numerics.Merge.Concat, parts)];
                return Axis.Feature(parts[0].Width);
            case [_, ..] when real.All(axis => axis.Kind == AxisKind.Sequence):
                Size size = 1;
                foreach (var axis in real)
                {
                    size = Size.Multiply(size, axis.Size) ?? throw node.Refusal("makes a size that is not followed");
                }

                return new Axis(AxisKind.Merged, size, Merged: real);
            default:
                throw node.Refusal("makes one dimension of features and timesteps; layers see one timestep at a time");
        }
    }
}
