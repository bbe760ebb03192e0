namespace Rnn.Engine.Formats.Onnx;

/// <summary>Arithmetic with shapes and with the numbers they order.</summary>
static class Shapes
{
    /// <summary>More dimensions are refused.</summary>
    public const int MaxRank = 8;

    /// <summary>The product of the sizes.</summary>
    public static long Count(Node node, ReadOnlySpan<int> shape)
    {
        Int128 count = 1;
        foreach (var size in shape)
        {
            count = Int128.Min(count * size, long.MaxValue);
        }

        return count <= Array.MaxLength ? (long)count : throw node.Refusal($"makes a tensor of {count} numbers");
    }

    /// <summary>Whether there are at most so many numbers.</summary>
    public static bool IsWithin(ReadOnlySpan<int> shape, long most)
    {
        Int128 count = 1;
        foreach (var size in shape)
        {
            count = Int128.Min(count * size, long.MaxValue);
        }

        return count <= most;
    }

    /// <summary>How far apart the numbers of each dimension lie, row-major.</summary>
    public static int[] Strides(ReadOnlySpan<int> shape)
    {
        var strides = new int[shape.Length];
        var stride = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(shape[i], 1);
        }

        return strides;
    }

    /// <summary>
    /// The tensor of <paramref name="shape"/> whose number at [i, j, ...] is values[offset + i * strides[0] + j * strides[1] + ...]:
    /// a transpose, a slice or a tensor with rows repeated.
    /// </summary>
    public static Constant View(Node node, float[] values, int[] shape, ReadOnlySpan<int> strides, int offset)
    {
        if (shape.Length > MaxRank)
        {
            throw node.Refusal($"makes {shape.Length} dimensions; at most {MaxRank} are read");
        }

        var result = node.Allowance.Array(Count(node, shape));
        var position = new int[shape.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = values[offset];
            for (var dimension = shape.Length - 1; dimension >= 0; dimension--)
            {
                offset += strides[dimension];
                if (++position[dimension] < shape[dimension])
                {
                    break;
                }

                offset -= strides[dimension] * shape[dimension];
                position[dimension] = 0;
            }
        }

        return new Constant(shape, result);
    }

    /// <summary>The shape that two shapes have together when dimensions of 1 are repeated.</summary>
    public static int[] Broadcast(Node node, int[] a, int[] b)
    {
        var shape = new int[Math.Max(a.Length, b.Length)];
        for (var i = 1; i <= shape.Length; i++)
        {
            var left = i <= a.Length ? a[^i] : 1;
            var right = i <= b.Length ? b[^i] : 1;
            shape[^i] = left == right || right == 1 ? left : left == 1 ? right : throw node.Refusal(
                $"puts [{string.Join(", ", a)}] and [{string.Join(", ", b)}] together, which do not fit");
        }

        return shape;
    }

    /// <summary>A tensor with its dimensions of 1 repeated to <paramref name="shape"/>.</summary>
    public static Constant Expand(Node node, Constant constant, int[] shape)
    {
        if (constant.Shape.AsSpan().SequenceEqual(shape))
        {
            return constant;
        }

        if (!Broadcast(node, constant.Shape, shape).AsSpan().SequenceEqual(shape))
        {
            throw node.Refusal($"repeats [{string.Join(", ", constant.Shape)}] to [{string.Join(", ", shape)}], which does not fit");
        }

        var own = Strides(constant.Shape);
        var strides = new int[shape.Length];
        for (var i = 1; i <= constant.Shape.Length; i++)
        {
            strides[^i] = constant.Shape[^i] == 1 ? 0 : own[^i];
        }

        return View(node, constant.Values, shape, strides, 0);
    }

    /// <summary>The order of dimensions of a transpose.</summary>
    public static int[] Permutation(Node node, int rank)
    {
        var order = node.Ints("perm") is { } perm
            ? [.. perm.Select(axis => node.Axis(axis, rank))]
            : Enumerable.Range(0, rank).Reverse().ToArray();
        return order.Length == rank && order.Distinct().Count() == rank
            ? order
            : throw node.Refusal($"has perm [{string.Join(", ", order)}]; there are {rank} dimensions");
    }

    /// <summary>What is kept of each dimension by a slice: from where, how many, and how far apart.</summary>
    /// <remarks>Attributes up to version 9 of the operators, inputs after it.</remarks>
    public static IEnumerable<(int Axis, Size Start, Size End, long Step)> Slices(Node node, int rank)
    {
        var starts = Positions(node, "starts", 1) ?? throw node.Refusal("has no starts");
        var ends = Positions(node, "ends", 2) ?? throw node.Refusal("has no ends");
        var axes = node.Integers("axes", 3) ?? [.. Enumerable.Range(0, starts.Count).Select(axis => (long)axis)];
        var steps = node.Known(4) ?? [.. starts.Select(_ => 1L)];
        if (ends.Count != starts.Count || axes.Length != starts.Count || steps.Length != starts.Count)
        {
            throw node.Refusal($"has {starts.Count} starts, {ends.Count} ends, {axes.Length} axes and {steps.Length} steps");
        }

        return starts.Select((start, i) => (node.Axis(axes[i], rank), start, ends[i], steps[i])).ToList();
    }

    /// <summary>What a slice keeps of a dimension of known length.</summary>
    public static (int Start, int Count) Range(Node node, Size start, Size end, long step, int length)
    {
        if (step is 0 or > int.MaxValue or < -int.MaxValue || !start.IsKnown || !end.IsKnown)
        {
            throw node.Refusal("takes a part that depends on the input");
        }

        if (length == 0)
        {
            return (0, 0);
        }

        var (low, high) = step > 0 ? (0, length) : (-1, length - 1);
        var first = Math.Clamp(start.Offset < 0 ? start.Offset + length : start.Offset, Math.Max(low, 0), high);
        var last = Math.Clamp(end.Offset < -length ? -1 : end.Offset < 0 ? end.Offset + length : end.Offset, low, high);
        var count = step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step;
        return ((int)first, (int)Math.Max(count, 0));
    }

    static IReadOnlyList<Size>? Positions(Node node, string attribute, int input) => node.Ints(attribute) is { } known
        ? [.. known.Select(value => (Size)value)]
        : node.Input(input) switch
        {
            null => null,
            Integers integers => integers.Values,
            _ => throw node.Refusal($"has {attribute} that are no integers"),
        };
}
