using System.Numerics.Tensors;

namespace Rnn.Engine.Numerics;

/// <summary>How a gradient goes back through an <see cref="Activation"/>.</summary>
static class ActivationGradient
{
    const double SeluScale = 1.0507009873554805;
    const double SeluAlpha = 1.6732632423543772;

    /// <summary>d becomes f'(x) d, number by number; of softmax and log-softmax the product with the transposed Jacobian.</summary>
    /// <param name="activation">f.</param>
    /// <param name="x">What went in.</param>
    /// <param name="y">f(x).</param>
    /// <param name="d">dL/dy; replaced by dL/dx.</param>
    public static void Multiply(Activation activation, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> d)
    {
        switch (activation.Kind)
        {
            case ActivationKind.None:
                break;
            case ActivationKind.Softmax:
                TensorPrimitives.Subtract(d, TensorPrimitives.Dot(d, y), d);
                TensorPrimitives.Multiply(d, y, d);
                break;
            case ActivationKind.LogSoftmax:
                var sum = TensorPrimitives.Sum<float>(d);
                for (var i = 0; i < d.Length; i++)
                {
                    d[i] -= MathF.Exp(y[i]) * sum;
                }

                break;
            default:
                for (var i = 0; i < d.Length; i++)
                {
                    d[i] *= (float)Of(activation, x[i], y[i]);
                }

                break;
        }
    }

    static double Of(Activation f, double x, double y) => f.Kind switch
    {
        ActivationKind.Relu => x > 0 ? 1 : 0,
        ActivationKind.Relu6 => x is > 0 and < 6 ? 1 : 0,
        ActivationKind.LeakyRelu => x > 0 ? 1 : f.Alpha ?? 0.01,
        ActivationKind.ThresholdedRelu => x > (f.Alpha ?? 1) ? 1 : 0,
        ActivationKind.Elu => x > 0 ? 1 : (f.Alpha ?? 1) * Math.Exp(x),
        ActivationKind.Selu => SeluScale * (x > 0 ? 1 : SeluAlpha * Math.Exp(x)),
        ActivationKind.Gelu => 0.5 * (1 + ErrorFunction.Of(x / Math.Sqrt(2))) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI),
        ActivationKind.GeluTanh => GeluTanh(x),
        ActivationKind.Silu => Sigmoid(x) * (1 + x * (1 - Sigmoid(x))),
        ActivationKind.Mish => Mish(x),
        ActivationKind.Tanh => 1 - y * y,
        ActivationKind.ScaledTanh => (f.Beta ?? 1) * ((f.Alpha ?? 1) - y * y / (f.Alpha ?? 1)),
        ActivationKind.Sigmoid => y * (1 - y),
        ActivationKind.HardSigmoid => y is > 0 and < 1 ? f.Alpha ?? 0.2 : 0,
        ActivationKind.Softplus => Sigmoid(x),
        ActivationKind.Softsign => 1 / ((1 + Math.Abs(x)) * (1 + Math.Abs(x))),
        ActivationKind.Exponential => y,
        ActivationKind.Affine => f.Alpha ?? 1,
        _ => throw new System.Diagnostics.UnreachableException($"No gradient of {f.Kind}. This is a bug."),
    };

    static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    static double GeluTanh(double x)
    {
        var t = Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    }

    static double Mish(double x)
    {
        var t = Math.Tanh(Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x))));
        return t + x * (1 - t * t) * Sigmoid(x);
    }
}
