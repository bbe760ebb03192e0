using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Numerics;

public sealed class LaneMathTests
{
    /// <summary>Both signs from the smallest normal number to beyond saturation, some 400,000 points.</summary>
    static IEnumerable<float> Points()
    {
        for (var bits = BitConverter.SingleToUInt32Bits(1e-30f); bits < BitConverter.SingleToUInt32Bits(200f); bits += 5003)
        {
            var x = BitConverter.UInt32BitsToSingle(bits);
            yield return x;
            yield return -x;
        }
    }

    [Fact]
    public void Exp_is_accurate_to_two_units_in_the_last_place() =>
        Check(Points().Where(x => x is > -87 and < 88), Math.Exp, LaneMath.Exp, LaneMath.Exp, 2);

    [Fact]
    public void Sigmoid_is_accurate_to_four_units_in_the_last_place() =>
        Check(Points().Where(x => x > -86), x => 1 / (1 + Math.Exp(-x)), LaneMath.Sigmoid, LaneMath.Sigmoid, 4);

    [Fact]
    public void Tanh_is_accurate_to_three_units_in_the_last_place() =>
        Check(Points(), Math.Tanh, LaneMath.Tanh, LaneMath.Tanh, 3);

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(1e10f)]
    [InlineData(0f)]
    public void Activations_saturate_and_never_give_a_NaN(float x)
    {
        Assert.Equal(x > 0 ? 1 : 0.5f, Apply<Lanes512>(LaneMath.Sigmoid, x));
        Assert.InRange(Apply<Lanes512>(LaneMath.Sigmoid, -x), 0, x > 0 ? 1e-37f : 0.5f);
        Assert.Equal(Math.Sign(x), Apply<Lanes512>(LaneMath.Tanh, x));
        Assert.Equal(-Math.Sign(x), Apply<Lanes512>(LaneMath.Tanh, -x));
    }

    static void Check(
        IEnumerable<float> points, Func<double, double> exact, Func<Lanes512, Lanes512> wide, Func<Lanes256, Lanes256> narrow, double ulps)
    {
        foreach (var x in points)
        {
            var expected = exact(x);
            var actual = Apply(wide, x);
            var unit = Math.Max(MathF.BitIncrement(MathF.Abs((float)expected)) - MathF.Abs((float)expected), float.Epsilon);
            Assert.True(Math.Abs(actual - expected) <= ulps * unit, $"f({x:R}) is {actual:R}, not {expected:R}: {Math.Abs(actual - expected) / unit:F1} ulp");
            Assert.Equal(actual, Apply(narrow, x));
        }
    }

    static unsafe float Apply<T>(Func<T, T> function, float x)
        where T : struct, ILanes<T>
    {
        var result = stackalloc float[16];
        function(T.Of(x)).Store(result);
        return result[0];
    }
}
