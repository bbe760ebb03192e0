using System.Diagnostics;
using System.Numerics.Tensors;

namespace Rnn.Engine.Numerics;

/// <summary>A function applied to the outputs of a layer.</summary>
public enum Activation
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(0, x).</summary>
    Relu,

    /// <summary>y = tanh(x).</summary>
    Tanh,

    /// <summary>y = 1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>y_i = exp(x_i) / sum_j exp(x_j).</summary>
    Softmax,
}

/// <summary>Applies an <see cref="Activation"/> to one row.</summary>
public static class Activations
{
    /// <summary>
    /// Replaces <paramref name="row"/> by its activation. One row at a time: a vectorised function may take another
    /// path for the tail of a span, so a call over a whole batch could let neighbours change a bit.
    /// </summary>
    public static void Apply(this Activation activation, Span<float> row)
    {
        switch (activation)
        {
            case Activation.None:
                break;
            case Activation.Relu:
                TensorPrimitives.Max(row, 0f, row);
                break;
            case Activation.Tanh:
                TensorPrimitives.Tanh(row, row);
                break;
            case Activation.Sigmoid:
                TensorPrimitives.Sigmoid(row, row);
                break;
            case Activation.Softmax:
                Softmax(row, row);
                break;
            default:
                throw new UnreachableException($"No activation {activation}. This is a bug.");
        }
    }

    /// <summary>
    /// y_i = exp(x_i - max x) / sum_j exp(x_j - max x): the shift changes nothing but keeps large logits finite.
    /// </summary>
    public static void Softmax(ReadOnlySpan<float> x, Span<float> y)
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Max(x), y);
        TensorPrimitives.Exp(y, y);
        TensorPrimitives.Divide(y, TensorPrimitives.Sum<float>(y), y);
    }
}
