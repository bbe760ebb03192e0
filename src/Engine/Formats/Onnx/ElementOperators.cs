using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Operators that treat each number by itself.</summary>
static class ElementOperators
{
    /// <summary>A bias, or two sequences added.</summary>
    public static Value Add(Node node) =>
        IntegerOperators.Binary(node, Size.Add)
        ?? ConstantOperators.Binary(node, (a, b) => a + b)
        ?? WithConstant(node, (_, _) => 1, (c, _) => c)
        ?? Merged(node, Merge.Sum);

    /// <summary>A bias taken away, or a vector's mean.</summary>
    public static Value Subtract(Node node) =>
        IntegerOperators.Binary(node, (a, b) => Size.Multiply(b, -1) is { } negative ? Size.Add(a, negative) : null)
        ?? ConstantOperators.Binary(node, (a, b) => a - b)
        ?? WithConstant(node, (_, isFirst) => isFirst ? -1 : 1, (c, isFirst) => isFirst ? c : -c)
        ?? Formulas.Subtract(node, Pair(node));

    /// <summary>A factor, or two sequences multiplied.</summary>
    public static Value Multiply(Node node) =>
        IntegerOperators.Binary(node, Size.Multiply)
        ?? ConstantOperators.Binary(node, (a, b) => a * b)
        ?? WithConstant(node, (c, _) => c, (_, _) => 0)
        ?? Formulas.Multiply(node, Pair(node))
        ?? Merged(node, Merge.Multiply);

    /// <summary>A divisor, or the root of a variance.</summary>
    public static Value Divide(Node node)
    {
        if (IntegerOperators.Binary(node, Size.Divide) is { } size)
        {
            return size;
        }

        if (ConstantOperators.Binary(node, (a, b) => a / b) is { } constant)
        {
            return constant;
        }

        if (node.Required(1) is Signal && node.AsConstant(node.Required(0)) is { Values: [1] })
        {
            return Mapped(node.Signal(1), new FormulaStep(node, Onnx.Formula.Reciprocal));
        }

        return WithConstant(node, (c, isFirst) => isFirst ? throw node.Refusal("divides a constant by a sequence") : 1 / c, (_, _) => 0)
            ?? Formulas.Divide(node, Pair(node));
    }

    /// <summary>Any number of sequences added.</summary>
    public static Value Sum(Node node) => Merged(node, Merge.Sum);

    /// <summary>The mean of any number of sequences.</summary>
    public static Value Mean(Node node) => Merged(node, Merge.Average);

    /// <summary>The larger; of a sequence and 0 it is relu.</summary>
    public static Value Max(Node node)
    {
        var (x, c) = node.Required(0) is Signal ? (0, 1) : (1, 0);
        return node.Inputs == 2 && node.Required(x) is Signal && node.AsConstant(node.Required(c)) is { Values: [0] }
            ? Mapped(node.Signal(x), new ActivationStep(node, Activation.Relu))
            : throw node.Refusal("takes the larger of other things than a sequence and 0");
    }

    /// <summary>x^2, of which variances are made.</summary>
    public static Value Power(Node node) =>
        ConstantOperators.Binary(node, MathF.Pow)
        ?? (node.Constant(1).Values switch
        {
            [2] => Formula(node, Onnx.Formula.Square),
            [0.5f] => Formula(node, Onnx.Formula.Root),
            [1] => node.Signal(0),
            _ => throw node.Refusal("has another power than 2"),
        });

    /// <summary>-x.</summary>
    public static Value Negate(Node node) =>
        ConstantOperators.Unary(node, x => -x) ?? WithConstant(node, new Constant([], [-1]), 0, (c, _) => c, (_, _) => 0);

    /// <summary>A function that is a part of some layer's formula.</summary>
    public static Value Formula(Node node, Formula formula) => formula switch
    {
        Onnx.Formula.Root when ConstantOperators.Unary(node, MathF.Sqrt) is { } constant => constant,
        Onnx.Formula.Reciprocal when ConstantOperators.Unary(node, x => 1 / x) is { } constant => constant,
        _ => Mapped(node.Signal(0), new FormulaStep(node, formula)),
    };

    /// <summary>scale * x + shift.</summary>
    public static Signal Affine(Node node, Signal x, float[] scale, float[] shift)
    {
        if (!scale.All(float.IsFinite) || !shift.All(float.IsFinite))
        {
            throw node.Refusal("computes a NaN or an infinity");
        }

        var step = new AffineStep(node, scale, shift);
        return x.WithParts(x.Parts.Select(part => part.Then(step, scale.Length)));
    }

    /// <summary>A step that treats each number by itself, on every chain.</summary>
    public static Signal Mapped(Signal x, Step step) => x.WithParts(x.Parts.Select(part => part.Then(step, part.Width)));

    static Signal? WithConstant(Node node, Func<float, bool, float> scale, Func<float, bool, float> shift)
    {
        var x = node.Required(0) is Signal ? 0 : 1;
        return node.Inputs == 2 && node.Required(x) is Signal && node.AsConstant(node.Required(1 - x)) is { IsBroadcast: false } constant
            ? WithConstant(node, constant, x, scale, shift)
            : null;
    }

    /// <summary>scale(c) * x + shift(c), where c is one number, or one for each feature.</summary>
    static Signal WithConstant(Node node, Constant constant, int input, Func<float, bool, float> scale, Func<float, bool, float> shift)
    {
        var x = DenseOperators.Vectors(node, input);
        var fromEnd = x.IndexOf(AxisKind.Feature) is >= 0 and var feature ? x.Axes.Count - feature : 0;
        if (constant.Shape.Length > x.Axes.Count || constant.Shape.Where((size, i) => size != 1 && constant.Shape.Length - i != fromEnd).Any())
        {
            throw node.Refusal("has a constant that differs between timesteps");
        }

        var width = x.Parts.Max(part => part.Width);
        width = width == 0 ? constant.Values.Length : width;
        if (constant.Values.Length != 1 && constant.Values.Length != width || width == 0 || x.Parts.Any(part => part.Width != 0 && part.Width != width))
        {
            throw node.Refusal($"has {constant.Values.Length} numbers for {width} features");
        }

        var isFirst = input == 1;
        var (scales, shifts) = (node.Allowance.Array(width), node.Allowance.Array(width));
        for (var i = 0; i < width; i++)
        {
            var c = constant.Values[constant.Values.Length == 1 ? 0 : i];
            (scales[i], shifts[i]) = (scale(c, isFirst), shift(c, isFirst));
        }

        return Affine(node, x, scales, shifts);
    }

    static Signal Merged(Node node, Merge merge)
    {
        var all = Enumerable.Range(0, node.Inputs).Select(node.Signal).ToList();
        if (all.Count == 0 || all.Any(signal => !AreAlike(signal, all[0])))
        {
            throw node.Refusal("puts together sequences of different shapes");
        }

        return all[0].WithParts(all[0].Parts.Select((_, part) => Merging.Of(node, merge, [.. all.Select(signal => signal.Parts[part])])));
    }

    static (Signal A, Signal B) Pair(Node node)
    {
        var (a, b) = (node.Signal(0), node.Signal(1));
        return node.Inputs == 2 && a.Parts.Count == 1 && b.Parts.Count == 1 && a.Axes.Count == b.Axes.Count
            && !a.Axes.Where((axis, i) => axis.Kind != AxisKind.Feature && !SignalParts.IsAlike(axis, b.Axes[i])).Any()
            ? (a, b)
            : throw node.Refusal("puts together sequences of different shapes");
    }

    static bool AreAlike(Signal a, Signal b) => a.Axes.Count == b.Axes.Count && a.Parts.Count == b.Parts.Count
        && !a.Axes.Where((axis, i) => !SignalParts.IsAlike(axis, b.Axes[i])).Any();
}
