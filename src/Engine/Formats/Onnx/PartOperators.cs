namespace Rnn.Engine.Formats.Onnx;

/// <summary>Operators that take parts, and that put parts together.</summary>
static class PartOperators
{
    const long Most = SignalParts.Most;

    /// <summary>A range of one or more dimensions.</summary>
    public static Value Slice(Node node)
    {
        switch (node.Required(0))
        {
            case Signal signal:
                foreach (var (axis, start, end, step) in Shapes.Slices(node, signal.Axes.Count))
                {
                    signal = SignalParts.Slice(node, signal, axis, start, end, step);
                }

                return signal;
            case Constant { IsBroadcast: false } constant:
                return Slice(node, constant, Shapes.Slices(node, constant.Shape.Length));
            case Integers { IsScalar: false } integers:
                foreach (var (_, start, end, step) in Shapes.Slices(node, 1))
                {
                    var (first, count) = Shapes.Range(node, start, end, step, integers.Values.Count);
                    integers = new Integers([.. Enumerable.Range(0, count).Select(i => integers.Values[(int)(first + i * step)])], isScalar: false);
                }

                return integers;
            case KeptState state:
                return state;
            case Filled filled:
                return new Filled(filled.Number);
            default:
                throw node.Refusal("takes a part of what is not followed");
        }
    }

    /// <summary>Some indices of a dimension, or the vector of each token.</summary>
    public static Value Gather(Node node)
    {
        var data = node.Required(0);
        if (data is KeptState)
        {
            return data;
        }

        if (node.Required(1) is Signal)
        {
            return DenseOperators.Embedding(node);
        }

        if (node.Required(1) is not Integers indices)
        {
            throw node.Refusal("takes indices that are not known");
        }

        switch (data)
        {
            case Filled filled:
                return new Filled(filled.Number);
            case Signal signal when indices.Values is [var index]:
                var axis = node.Axis(node.Int("axis", 0), signal.Axes.Count);
                var taken = SignalParts.Take(node, signal, axis, index);
                return indices.IsScalar ? taken.WithAxes([.. taken.Axes.Where((_, i) => i != axis)]) : taken;
            case Integers integers when indices.Values.All(size => size.IsKnown):
                return new Integers(
                    [.. indices.Values.Select(index => integers.Values[node.Axis(index.Offset, integers.Values.Count)])], indices.IsScalar);
            case Constant { IsBroadcast: false } constant when indices.Values is [{ IsKnown: true } index]:
                var along = node.Axis(node.Int("axis", 0), constant.Shape.Length);
                var strides = Shapes.Strides(constant.Shape);
                var row = node.Axis(index.Offset, constant.Shape[along]);
                var view = Shapes.View(
                    node, constant.Values, [.. constant.Shape.Select((size, i) => i == along ? 1 : size)], strides,
                    Shapes.IsWithin(constant.Shape, 0) ? 0 : row * strides[along]);
                return indices.IsScalar ? view.Reshaped([.. constant.Shape.Where((_, i) => i != along)]) : view;
            default:
                throw node.Refusal("takes indices of what is not followed");
        }
    }

    /// <summary>Consecutive ranges of a dimension.</summary>
    public static IReadOnlyList<Value> Split(Node node)
    {
        var value = node.Required(0);
        if (value is KeptState or Filled)
        {
            return [.. Enumerable.Repeat(value is Filled filled ? new Filled(filled.Number) : value, node.Outputs)];
        }

        IReadOnlyList<Size> shape = value switch
        {
            Signal signal => [.. signal.Axes.Select(other => other.Size)],
            Constant { IsBroadcast: false } constant => [.. constant.Shape.Select(size => (Size)size)],
            _ => throw node.Refusal("splits what is not followed"),
        };
        var axis = node.Axis(node.Int("axis", 0), shape.Count);
        if (shape[axis] is not { IsKnown: true, Offset: > 0 and var length } || node.Outputs == 0)
        {
            throw node.Refusal("splits a dimension whose length is not known");
        }

        var even = (length + node.Outputs - 1) / node.Outputs;
        var sizes = node.Integers("split", 1) ?? [.. Enumerable.Range(0, node.Outputs).Select(i => Math.Clamp(length - i * even, 0, even))];
        if (sizes.Length != node.Outputs || sizes.Any(size => size is < 1 or > Most))
        {
            throw node.Refusal($"splits {length} in [{string.Join(", ", sizes)}]");
        }

        List<Value> parts = [];
        var begin = 0L;
        foreach (var size in sizes)
        {
            parts.Add(value is Constant constant
                ? Slice(node, constant, [(axis, begin, begin + size, 1)])
                : SignalParts.Slice(node, (Signal)value, axis, begin, begin + size, 1));
            begin += size;
        }

        return parts;
    }

    /// <summary>Values one after the other along a dimension.</summary>
    public static Value Concat(Node node)
    {
        var inputs = Enumerable.Range(0, node.Inputs).Select(node.Required).ToList();
        if (inputs.Count > 0 && inputs.All(input => input is Integers))
        {
            var count = inputs.Cast<Integers>().Sum(integers => integers.Values.Count);
            return count <= Integers.MaxCount
                ? new Integers([.. inputs.Cast<Integers>().SelectMany(integers => integers.Values)], isScalar: false)
                : throw node.Refusal($"makes a list of {count} integers");
        }

        if (inputs.Any(input => input is KeptState) && inputs.All(input => input is KeptState or Signal { IsState: true }))
        {
            return new KeptState();
        }

        if (inputs.Count > 0 && inputs.All(input => input is Filled filled && filled.Number == ((Filled)inputs[0]).Number))
        {
            return new Filled(((Filled)inputs[0]).Number);
        }

        if (inputs.Count > 0 && inputs.All(input => input is Signal))
        {
            return SignalParts.Concat(node, [.. inputs.Cast<Signal>()]);
        }

        var constants = inputs.Select(node.AsConstant).ToList();
        return constants.Count > 0 && constants.All(constant => constant is { IsBroadcast: false })
            ? ConstantOperators.Concat(node, constants!, node.Int("axis", 0))
            : throw node.Refusal("puts together what comes from the input and what does not");
    }

    /// <summary>Sequences from their end; the lengths must be those of the whole sequences.</summary>
    public static Value ReverseSequence(Node node)
    {
        var signal = node.Signal(0);
        var axis = node.Axis(node.Int("time_axis", 0), signal.Axes.Count);
        if (node.Required(1) is Integers lengths && lengths.Values.Any(length => length != signal.Axes[axis].Size))
        {
            throw node.Refusal("turns round a part of each sequence only");
        }

        return SignalParts.Reverse(node, signal, axis);
    }

    static Constant Slice(Node node, Constant constant, IEnumerable<(int Axis, Size Start, Size End, long Step)> slices)
    {
        var (shape, strides, offset) = (constant.Shape.ToArray(), Shapes.Strides(constant.Shape), 0L);
        foreach (var (axis, start, end, step) in slices)
        {
            var (first, count) = Shapes.Range(node, start, end, step, shape[axis]);
            offset += count == 0 ? 0 : (long)first * strides[axis];
            shape[axis] = count;
            strides[axis] = count > 1 ? (int)(strides[axis] * step) : 0;
        }

        return Shapes.View(node, constant.Values, shape, strides, (int)offset);
    }
}
