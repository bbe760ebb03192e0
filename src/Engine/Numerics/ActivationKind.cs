namespace Rnn.Engine.Numerics;

/// <summary>The functions that the outputs and gates of a layer go through.</summary>
public enum ActivationKind
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(0, x).</summary>
    Relu,

    /// <summary>y = min(max(0, x), 6).</summary>
    Relu6,

    /// <summary>y = x if x is above 0, else alpha x; alpha is 0.01 if not given.</summary>
    LeakyRelu,

    /// <summary>y = x if x is above alpha, else 0; alpha is 1 if not given.</summary>
    ThresholdedRelu,

    /// <summary>y = x if x is above 0, else alpha (exp(x) - 1); alpha is 1 if not given.</summary>
    Elu,

    /// <summary>y = 1.0507 x if x is above 0, else 1.0507 * 1.67326 (exp(x) - 1).</summary>
    Selu,

    /// <summary>y = x (1 + erf(x / sqrt 2)) / 2.</summary>
    Gelu,

    /// <summary>y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.</summary>
    GeluTanh,

    /// <summary>y = x / (1 + exp(-x)); also called swish.</summary>
    Silu,

    /// <summary>y = x tanh(log(1 + exp(x))).</summary>
    Mish,

    /// <summary>y = tanh(x).</summary>
    Tanh,

    /// <summary>y = alpha tanh(beta x); both 1 if not given.</summary>
    ScaledTanh,

    /// <summary>y = 1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>y = min(max(alpha x + beta, 0), 1); 0.2 and 0.5 if not given (Keras 2, ONNX). Keras 3 has alpha = 1/6.</summary>
    HardSigmoid,

    /// <summary>y = log(1 + exp(x)).</summary>
    Softplus,

    /// <summary>y = x / (1 + |x|).</summary>
    Softsign,

    /// <summary>y = exp(x).</summary>
    Exponential,

    /// <summary>y = alpha x + beta; 1 and 0 if not given.</summary>
    Affine,

    /// <summary>y_i = exp(x_i) / sum_j exp(x_j).</summary>
    Softmax,

    /// <summary>y_i = x_i - log(sum_j exp(x_j)).</summary>
    LogSoftmax,
}
