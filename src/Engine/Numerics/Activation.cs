using System.Diagnostics;
using System.Numerics.Tensors;

namespace Rnn.Engine.Numerics;

/// <summary>A function applied to the outputs or to a gate of a layer.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Alpha">Its first parameter, if it has one and is not to take its default.</param>
/// <param name="Beta">Its second parameter, likewise.</param>
public readonly record struct Activation(ActivationKind Kind, float? Alpha = null, float? Beta = null)
{
    const float SeluScale = 1.0507009873554805f;
    const float SeluAlpha = 1.6732632423543772f;

    /// <summary>y = x.</summary>
    public static Activation None => new(ActivationKind.None);

    /// <summary>y = max(0, x).</summary>
    public static Activation Relu => new(ActivationKind.Relu);

    /// <summary>y = tanh(x).</summary>
    public static Activation Tanh => new(ActivationKind.Tanh);

    /// <summary>y = 1 / (1 + exp(-x)).</summary>
    public static Activation Sigmoid => new(ActivationKind.Sigmoid);

    /// <summary>y_i = exp(x_i) / sum_j exp(x_j).</summary>
    public static Activation Softmax => new(ActivationKind.Softmax);

    /// <summary>
    /// Replaces <paramref name="row"/> by its activation. One row at a time: a vectorised function may take another
    /// path for the tail of a span, so a call over a whole batch could let neighbours change a bit.
    /// </summary>
    public void Apply(Span<float> row)
    {
        switch (Kind)
        {
            case ActivationKind.None:
                break;
            case ActivationKind.Relu:
                TensorPrimitives.Max(row, 0f, row);
                break;
            case ActivationKind.Tanh:
                TensorPrimitives.Tanh(row, row);
                break;
            case ActivationKind.Sigmoid:
                TensorPrimitives.Sigmoid(row, row);
                break;
            case ActivationKind.HardSigmoid:
                TensorPrimitives.Multiply(row, Alpha ?? 0.2f, row);
                TensorPrimitives.Add(row, Beta ?? 0.5f, row);
                TensorPrimitives.Clamp(row, 0f, 1f, row);
                break;
            case ActivationKind.Exponential:
                TensorPrimitives.Exp(row, row);
                break;
            case ActivationKind.Softmax:
                SoftmaxOf(row, row);
                break;
            case ActivationKind.LogSoftmax:
                TensorPrimitives.Subtract(row, TensorPrimitives.Max<float>(row), row);
                var sum = 0.0;
                foreach (var x in row)
                {
                    sum += Math.Exp(x);
                }

                TensorPrimitives.Subtract(row, (float)Math.Log(sum), row);
                break;
            default:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = Of(row[i]);
                }

                break;
        }
    }

    /// <summary>
    /// y_i = exp(x_i - max x) / sum_j exp(x_j - max x): the shift changes nothing but keeps large logits finite.
    /// </summary>
    public static void SoftmaxOf(ReadOnlySpan<float> x, Span<float> y)
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Max(x), y);
        TensorPrimitives.Exp(y, y);
        TensorPrimitives.Divide(y, TensorPrimitives.Sum<float>(y), y);
    }

    /// <summary>Those of single numbers that no vectorised function computes.</summary>
    float Of(float x) => Kind switch
    {
        ActivationKind.Relu6 => Math.Clamp(x, 0f, 6f),
        ActivationKind.LeakyRelu => x > 0 ? x : (Alpha ?? 0.01f) * x,
        ActivationKind.ThresholdedRelu => x > (Alpha ?? 1f) ? x : 0,
        ActivationKind.Elu => x > 0 ? x : (Alpha ?? 1f) * ExpMinusOne(x),
        ActivationKind.Selu => SeluScale * (x > 0 ? x : SeluAlpha * ExpMinusOne(x)),
        ActivationKind.Gelu => (float)(0.5 * x * (1 + ErrorFunction.Of(x / Math.Sqrt(2)))),
        ActivationKind.GeluTanh => (float)(0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        ActivationKind.Silu => (float)(x / (1 + Math.Exp(-x))),
        ActivationKind.Mish => (float)(x * Math.Tanh(Softplus(x))),
        ActivationKind.ScaledTanh => (Alpha ?? 1f) * MathF.Tanh((Beta ?? 1f) * x),
        ActivationKind.Softplus => (float)Softplus(x),
        ActivationKind.Softsign => x / (1 + Math.Abs(x)),
        ActivationKind.Affine => (Alpha ?? 1f) * x + (Beta ?? 0f),
        _ => throw new UnreachableException($"No activation {Kind}. This is a bug."),
    };

    static float ExpMinusOne(float x) => (float)(Math.Exp(x) - 1);

    static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
