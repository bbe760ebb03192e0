using System.Numerics.Tensors;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Knows the formulas that exporters write out in place of a layer: swish, mish, Gelu and softsign, which put a value and a function
/// of itself together, and layer normalisation, which divides what is left of a value without its mean by the root of its variance.
/// </summary>
static class Formulas
{
    const float Tolerance = 1e-6f;

    /// <summary>x - mean x.</summary>
    public static Signal Subtract(Node node, (Signal A, Signal B) pair)
    {
        var (shared, a, b) = Apart(node, pair);
        return a is [] && b is [FormulaStep { Formula: Formula.Mean }]
            ? pair.A.WithParts([shared.Then(new FormulaStep(node, Formula.Centered), shared.Width)])
            : throw node.Refusal("takes one sequence from another");
    }

    /// <summary>x times a function of x, or null if it is none of these.</summary>
    public static Signal? Multiply(Node node, (Signal A, Signal B) pair)
    {
        var (shared, a, b) = Apart(node, pair);
        if (a.Count > b.Count)
        {
            (a, b) = (b, a);
        }

        switch (a, b)
        {
            case ([], [ActivationStep { Activation.Kind: ActivationKind.Sigmoid }]):
                return pair.A.WithParts([shared.Then(new ActivationStep(node, new Activation(ActivationKind.Silu)), shared.Width)]);
            case ([], [ActivationStep { Activation.Kind: ActivationKind.Softplus }, ActivationStep { Activation.Kind: ActivationKind.Tanh }]):
                return pair.A.WithParts([shared.Then(new ActivationStep(node, new Activation(ActivationKind.Mish)), shared.Width)]);
            case ([] or [AffineStep], [AffineStep inner, FormulaStep { Formula: Formula.Erf }, AffineStep outer])
                when Is(inner, MathF.Sqrt(0.5f), 0) && Is(outer, 1, 1) && (a is [] || a is [AffineStep { Shift: var shift }] && IsAll(shift, 0)):
                // Gelu is half of x (1 + erf(x / sqrt 2)); the other half may come before or after.
                var gelu = shared.Then(new ActivationStep(node, new Activation(ActivationKind.Gelu)), shared.Width);
                var twice = node.Allowance.Array(shared.Width);
                twice.AsSpan().Fill(2);
                if (a is [AffineStep { Scale: var scale }])
                {
                    TensorPrimitives.Multiply(twice, scale, twice);
                }

                return ElementOperators.Affine(node, pair.A.WithParts([gelu]), twice, node.Allowance.Array(shared.Width));
            case ([], []) when shared.Step is FormulaStep { Formula: Formula.Centered }:
                return pair.A.WithParts([shared.Then(new FormulaStep(node, Formula.Square), shared.Width)]);
            case ([], [.. var variance, FormulaStep { Formula: Formula.Root }, FormulaStep { Formula: Formula.Reciprocal }]):
                return LayerNorm(node, pair, shared, variance);
            default:
                return null;
        }
    }

    /// <summary>What is left of a value without its mean, divided by the root of its variance.</summary>
    public static Signal Divide(Node node, (Signal A, Signal B) pair)
    {
        var (shared, a, b) = Apart(node, pair);
        if (a is [] && b is [FormulaStep { Formula: Formula.Absolute }, AffineStep outer] && Is(outer, 1, 1))
        {
            return pair.A.WithParts([shared.Then(new ActivationStep(node, new Activation(ActivationKind.Softsign)), shared.Width)]);
        }

        return (a is [] && b is [.. var variance, FormulaStep { Formula: Formula.Root }] ? LayerNorm(node, pair, shared, variance) : null)
            ?? throw node.Refusal("divides one sequence by another");
    }

    static Signal? LayerNorm(Node node, (Signal A, Signal B) pair, Chain centered, List<Step> variance)
    {
        if (centered.Step is not FormulaStep { Formula: Formula.Centered }
            || variance is not [FormulaStep { Formula: Formula.Square }, FormulaStep { Formula: Formula.Mean }, AffineStep { Scale: [1], Shift: [> 0 and var epsilon] }])
        {
            return null;
        }

        var x = centered.Below!;
        var ones = node.Allowance.Array(x.Width);
        ones.AsSpan().Fill(1);
        var axes = pair.A.Axes.Any(axis => axis.Kind == AxisKind.Feature && axis.Size.Is(x.Width)) ? pair.A : pair.B;
        return axes.WithParts([x.Then(new LayerNormStep(node, ones, node.Allowance.Array(x.Width), epsilon), x.Width)]);
    }

    static (Chain Shared, List<Step> A, List<Step> B) Apart(Node node, (Signal A, Signal B) pair)
    {
        var (a, b) = (pair.A.Parts[0], pair.B.Parts[0]);
        var shared = Chain.Shared([a, b]) ?? throw node.Refusal("puts together what comes from different inputs");
        return (shared, a.StepsAbove(shared), b.StepsAbove(shared));
    }

    static bool Is(AffineStep step, float scale, float shift) => IsAll(step.Scale, scale) && IsAll(step.Shift, shift);

    static bool IsAll(float[] values, float expected) => values.All(value => Math.Abs(value - expected) <= Tolerance);
}
