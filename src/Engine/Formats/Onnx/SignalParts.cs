using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Takes parts of sequences, and puts them together. What is no layer - a row of the batch, a timestep in the middle - is refused.</summary>
static class SignalParts
{
    /// <summary>An end beyond it stands for the end of a dimension of any length.</summary>
    public const long Most = 1L << 30;

    /// <summary>A range of one dimension: all of it, directions, features, or the first or last timestep.</summary>
    public static Signal Slice(Node node, Signal signal, int axis, Size start, Size end, long step)
    {
        var (kind, size) = (signal.Axes[axis].Kind, signal.Axes[axis].Size);
        var isToEnd = end.IsKnown ? end.Offset >= (size.IsKnown ? size.Offset : Most) : end == size;
        if (step == 1 && start.Is(0) && isToEnd)
        {
            return signal;
        }

        if (step == -1 && (start.Is(-1) || IsLast(start, size)) && end is { IsKnown: true, Offset: < -Most })
        {
            return Reverse(node, signal, axis);
        }

        if (kind is AxisKind.Stack or AxisKind.Feature && size.IsKnown)
        {
            var (first, count) = Shapes.Range(node, start, end, step, (int)size.Offset);
            return step == 1 && count > 0 ? Range(node, signal, axis, first, count)
                : throw node.Refusal("takes every other part of a vector, or none");
        }

        return step == 1 && isToEnd && (start.Is(-1) || IsLast(start, size)) ? Take(node, signal, axis, -1)
            : step == 1 && start.Is(0) && (end.Is(1) || size.IsKnown && end.Is(1 - size.Offset)) ? Take(node, signal, axis, 0)
            : throw node.Refusal("takes a part of the sequence that is neither its first nor its last timestep");
    }

    /// <summary>One index of a dimension, which becomes one of length 1.</summary>
    public static Signal Take(Node node, Signal signal, int axis, Size index)
    {
        var (kind, size) = (signal.Axes[axis].Kind, signal.Axes[axis].Size);
        IReadOnlyList<Axis> axes = [.. signal.Axes.Select((other, i) => i == axis ? Axis.One : other)];
        var isLast = index.Is(-1) || IsLast(index, size);
        var isFirst = index.Is(0) || size.IsKnown && index.Is(-size.Offset);
        if (kind is AxisKind.Stack or AxisKind.Feature && size.IsKnown && index.IsKnown)
        {
            var position = node.Axis(index.Offset, (int)size.Offset);
            return Range(node, signal, axis, position, 1).WithAxes(kind == AxisKind.Stack ? axes : [.. axes.Select((other, i) => i == axis ? Axis.Feature(1) : other)]);
        }

        if (signal.Axes[axis].IsOne && (isLast || isFirst))
        {
            return signal.WithAxes(axes);
        }

        if (kind != AxisKind.Sequence || signal.Parts[0].Input.Time is not { } time)
        {
            throw node.Refusal("takes one index of a dimension before a recurrent node tells what it is");
        }

        if (signal.Axes[axis].Index != time)
        {
            throw node.Refusal("takes one row of the batch; each row is a sequence of its own");
        }

        return isLast || isFirst
            ? new Signal(axes, [.. signal.Parts.Select(part => part.Then(new PickStep(node, First: !isLast), part.Width))])
            : throw node.Refusal("takes a timestep that is neither the first nor the last");
    }

    /// <summary>The sequence from its end.</summary>
    public static Signal Reverse(Node node, Signal signal, int axis)
    {
        if (signal.Axes[axis].Kind != AxisKind.Sequence || signal.Parts[0].IsPicked)
        {
            throw node.Refusal("turns round what are no timesteps");
        }

        signal.Parts[0].Input.IsTime(node, signal.Axes[axis].Index);
        signal = axis == signal.Axes.Count - 1 ? signal : DenseOperators.Vectors(signal, signal.Axes.Count - 1);
        return signal.WithParts(signal.Parts.Select(part => part.Then(new ReverseStep(node), part.Width)));
    }

    /// <summary>Sequences one after the other along their features or directions.</summary>
    public static Signal Concat(Node node, IReadOnlyList<Signal> signals)
    {
        var axis = node.Axis(node.Int("axis", 0), signals[0].Axes.Count);
        var first = signals[0].Axes;
        if (signals.Any(signal => signal.Axes.Count != first.Count || signal.Axes.Where((other, i) => i != axis && !IsAlike(other, first[i])).Any()))
        {
            throw node.Refusal("puts together sequences of different shapes");
        }

        if (signals.All(signal => signal.Axes[axis].Kind == AxisKind.Feature && signal.Parts.Count == signals[0].Parts.Count))
        {
            var parts = signals[0].Parts.Select((_, part) => Merging.Of(node, Merge.Concat, [.. signals.Select(signal => signal.Parts[part])])).ToList();
            return new Signal([.. first.Select((other, i) => i == axis ? Axis.Feature(parts[0].Width) : other)], parts);
        }

        if (signals.All(signal => signal.Axes[axis].Kind == AxisKind.Stack || signal.Axes[axis].IsOne && signal.Parts.Count == 1))
        {
            List<Chain> parts = [.. signals.SelectMany(signal => signal.Parts)];
            return new Signal(
                [.. first.Select((other, i) => i == axis ? Axis.Stack(parts.Count) : other)], parts, signals.All(signal => signal.IsState));
        }

        throw node.Refusal("puts sequences together one after the other in time or in the batch");
    }

    /// <summary>Whether two dimensions can lie beside each other.</summary>
    public static bool IsAlike(Axis a, Axis b) => a.Kind == b.Kind && a.Index == b.Index && a.Size == b.Size || a.IsOne && b.IsOne;

    static Signal Range(Node node, Signal signal, int axis, int first, int count) => signal.Axes[axis].Kind == AxisKind.Stack
        ? new Signal(
            [.. signal.Axes.Select((other, i) => i == axis ? Axis.Stack(count) : other)],
            [.. signal.Parts.Skip(first).Take(count)], signal.IsState)
        : new Signal(
            [.. signal.Axes.Select((other, i) => i == axis ? Axis.Feature(count) : other)],
            [.. signal.Parts.Select(part => Merging.Narrow(node, part, first, first + count))]);

    static bool IsLast(Size index, Size size) => Size.Add(size, -1) == index;
}
