using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Numerics;

public sealed class ActivationTests
{
    // Values of the functions' definitions, worked out to more digits than float32 has.
    [Theory]
    [InlineData(ActivationKind.Relu, null, null, -1.5, 0)]
    [InlineData(ActivationKind.Relu6, null, null, 7, 6)]
    [InlineData(ActivationKind.LeakyRelu, null, null, -2, -0.02)]
    [InlineData(ActivationKind.LeakyRelu, 0.3f, null, -2, -0.6)]
    [InlineData(ActivationKind.ThresholdedRelu, null, null, 0.9, 0)]
    [InlineData(ActivationKind.ThresholdedRelu, 0.5f, null, 0.9, 0.9)]
    [InlineData(ActivationKind.Elu, null, null, -1, -0.6321205588)]
    [InlineData(ActivationKind.Selu, null, null, -1, -1.1113307378)]
    [InlineData(ActivationKind.Selu, null, null, 2, 2.1014019747)]
    [InlineData(ActivationKind.Gelu, null, null, 1, 0.8413447461)]
    [InlineData(ActivationKind.Gelu, null, null, -3, -0.0040496940)]
    [InlineData(ActivationKind.GeluTanh, null, null, 1, 0.8411919906)]
    [InlineData(ActivationKind.Silu, null, null, 1, 0.7310585786)]
    [InlineData(ActivationKind.Mish, null, null, 1, 0.8650983883)]
    [InlineData(ActivationKind.ScaledTanh, 2f, 0.5f, 1, 0.9242343145)]
    [InlineData(ActivationKind.HardSigmoid, null, null, 1, 0.7)]
    [InlineData(ActivationKind.HardSigmoid, 1 / 6f, null, 1, 0.6666666667)]
    [InlineData(ActivationKind.HardSigmoid, null, null, 3, 1)]
    [InlineData(ActivationKind.Softplus, null, null, 1, 1.3132616875)]
    [InlineData(ActivationKind.Softplus, null, null, 100, 100)]
    [InlineData(ActivationKind.Softsign, null, null, -1, -0.5)]
    [InlineData(ActivationKind.Exponential, null, null, 1, 2.7182818285)]
    [InlineData(ActivationKind.Affine, 2f, 1f, 3, 7)]
    [InlineData(ActivationKind.Affine, null, null, 3, 3)]
    public void Each_function_is_its_definition(ActivationKind kind, float? alpha, float? beta, double x, double expected)
    {
        float[] row = [(float)x];

        new Activation(kind, alpha, beta).Apply(row);

        Assert.Equal(expected, row[0], 2e-7 * (1 + Math.Abs(expected)));
    }

    [Fact]
    public void Log_softmax_is_the_logarithm_of_softmax_and_bears_large_logits()
    {
        float[] logits = [1000, 1001, -1000];

        new Activation(ActivationKind.LogSoftmax).Apply(logits);

        foreach (var (expected, actual) in new[] { -1.3132617, -0.3132617, -2001.3132617 }.Zip(logits))
        {
            Assert.Equal(expected, actual, 2e-7 * Math.Abs(expected));
        }
    }

    [Theory]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(1, 0.8427007929497149)]
    [InlineData(2.4, 0.9993114861033549)]
    [InlineData(2.6, 0.9997639655834707)]
    [InlineData(4, 0.9999999845827421)]
    [InlineData(9, 1)]
    public void The_error_function_is_odd_and_accurate(double x, double expected)
    {
        Assert.Equal(expected, ErrorFunction.Of(x), 1e-14);
        Assert.Equal(-expected, ErrorFunction.Of(-x), 1e-14);
        Assert.Equal(0, ErrorFunction.Of(0));
        Assert.True(double.IsNaN(ErrorFunction.Of(double.NaN)));
    }
}
