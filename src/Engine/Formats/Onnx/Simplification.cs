using System.Numerics.Tensors;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Makes of the steps of a chain what a reader of the layers expects: a bias belongs to its product, two directions are one
/// layer, and what does nothing goes.
/// </summary>
static class Simplification
{
    const string Reverse = "_reverse";

    /// <summary>The same in fewer steps, from below.</summary>
    public static IReadOnlyList<Step> Of(IReadOnlyList<Step> steps)
    {
        List<Step> simple = [];
        foreach (var step in steps)
        {
            simple.Add(step is MergeStep merge ? Directions(merge) ?? step : step);
            while (Fold(simple) is var (count, folded))
            {
                simple.RemoveRange(simple.Count - count, count);
                if (folded is null)
                {
                    break;
                }

                simple.Add(folded);
            }
        }

        return simple;
    }

    /// <summary>How many steps at the end become which one, or none; null if nothing does.</summary>
    static (int Count, Step? Folded)? Fold(List<Step> steps) => steps switch
    {
        [.., AffineStep { Scale: var scale, Shift: var shift }] when IsAll(scale, 1) && IsAll(shift, 0) => (1, null),
        [.., ReverseStep, ReverseStep] => (2, null),
        [.., ReverseStep, RecurrentStep { Settings: { Direction: Direction.Forward, ReturnsLast: false } } cell, ReverseStep] =>
            (3, cell with { Settings = cell.Settings with { Direction = Direction.Backward } }),
        [.., ReverseStep, RecurrentStep { Settings: { Direction: Direction.Forward, ReturnsLast: true } } cell] =>
            (2, cell with { Settings = cell.Settings with { Direction = Direction.Backward } }),
        [.., RecurrentStep { Settings.ReturnsLast: false } cell, PickStep pick]
            when cell.Settings.Direction == (pick.First ? Direction.Backward : Direction.Forward) =>
            (2, cell with { Settings = cell.Settings with { ReturnsLast = true } }),
        [.., AffineStep a, AffineStep b] => (2, new AffineStep(b.Node, Product(a.Scale, b.Scale), Sum(Product(a.Shift, b.Scale), b.Shift))),
        [.., LayerNormStep a, AffineStep b] => (2, a with { Weight = Product(a.Weight, b.Scale), Bias = Sum(Product(a.Bias, b.Scale), b.Shift) }),
        [.., DenseStep { Bias: null, Activation.Kind: ActivationKind.None } dense, AffineStep b] when IsAll(b.Scale, 1) => (2, dense with { Bias = b.Shift }),
        [.., DenseStep { Activation.Kind: ActivationKind.None } dense, ActivationStep b] => (2, dense with { Activation = b.Activation }),
        _ => null,
    };

    /// <summary>Two recurrent layers alike but for the direction are one; null if there are other branches.</summary>
    static RecurrentStep? Directions(MergeStep merge)
    {
        if (merge.Parts.Count != 2
            || Of(merge.Parts[0].StepsAbove(merge.Below)) is not [RecurrentStep { Settings.Direction: Direction.Forward } forward]
            || Of(merge.Parts[1].StepsAbove(merge.Below)) is not [RecurrentStep { Settings.Direction: Direction.Backward } backward]
            || forward.Settings != backward.Settings with { Direction = Direction.Forward })
        {
            return null;
        }

        return new RecurrentStep(
            merge.Node,
            forward.Settings with { Direction = Direction.Bidirectional, Merge = merge.Merge },
            [.. forward.Weights, .. backward.Weights.Select(weight => weight with { Suffix = Reverse })]);
    }

    static bool IsAll(float[] values, float expected) => values.AsSpan().IndexOfAnyExcept(expected) < 0;

    static float[] Product(float[] a, float[] b)
    {
        var product = new float[a.Length];
        TensorPrimitives.Multiply(a, b, product);
        return product;
    }

    static float[] Sum(float[] a, float[] b)
    {
        var sum = new float[a.Length];
        TensorPrimitives.Add(a, b, sum);
        return sum;
    }
}
