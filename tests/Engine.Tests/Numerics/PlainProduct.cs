using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Numerics;

/// <summary>The product of every precision as its definition says, in plain loops: what the kernels must give to the last bit.</summary>
static class PlainProduct
{
    /// <summary>y = b + W x of one row.</summary>
    public static float[] MultiplyAdd(Precision precision, float[] weights, float[] bias, ReadOnlySpan<float> x)
    {
        var y = bias.ToArray();
        for (var row = 0; row < y.Length; row++)
        {
            var w = weights.AsSpan(row * x.Length, x.Length);
            y[row] = precision == Precision.Int8 ? Quantised(w, x, y[row]) : Chain(precision, w, x, y[row]);
        }

        return y;
    }

    /// <summary>One chain of fused multiply-adds.</summary>
    static float Chain(Precision precision, ReadOnlySpan<float> w, ReadOnlySpan<float> x, float y)
    {
        for (var k = 0; k < x.Length; k++)
        {
            y = MathF.FusedMultiplyAdd(x[k], precision == Precision.Bf16 ? Rounded(w[k]) : w[k], y);
        }

        return y;
    }

    /// <summary>To eight significant bits, ties to even.</summary>
    static float Rounded(float value)
    {
        var exponent = MathF.ILogB(value);
        return value == 0 ? 0 : MathF.ScaleB(MathF.Round(MathF.ScaleB(value, 7 - exponent)), exponent - 7);
    }

    /// <summary>A whole sum of whole products, then one float.</summary>
    static float Quantised(ReadOnlySpan<float> w, ReadOnlySpan<float> x, float y)
    {
        var (weightScale, inputScale) = (Scale(w), Scale(x));
        var sum = 0;
        for (var k = 0; k < x.Length; k++)
        {
            sum += (int)MathF.Round(w[k] / weightScale) * (int)MathF.Round(x[k] * (1 / inputScale));
        }

        return MathF.FusedMultiplyAdd(sum, weightScale * inputScale, y);
    }

    static float Scale(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest / 127;
    }
}
