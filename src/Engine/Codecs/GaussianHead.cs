using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Rnn.Engine.Codecs;

/// <summary>
/// Scaled values that are normally distributed: y ~ N(mu, sigma^2). The network gives all mu and then all ln sigma, so sigma is
/// above 0 whatever it gives. With a log scaling the value itself is log-normally distributed.
/// </summary>
/// <inheritdoc cref="NumericHead" path="/param"/>
public sealed class GaussianHead(IReadOnlyList<Quantity> quantities) : ProbabilisticHead(quantities)
{
    static readonly double HalfLogTau = Math.Log(2 * Math.PI) / 2;

    /// <inheritdoc/>
    public override int Size => 2 * Quantities.Count;

    /// <summary>The means in the user's units, then ln sigma as the network gives them.</summary>
    public override float[] Values(ReadOnlySpan<float> raw) => [.. Points(raw), .. raw[Quantities.Count..]];

    private protected override double ScaledQuantile(ReadOnlySpan<float> raw, int value, double probability) =>
        raw[value] + Deviation(raw, value) * Normal.InvCDF(0, 1, probability);

    private protected override double LogDensity(ReadOnlySpan<float> raw, int value, double scaled)
    {
        var z = (scaled - raw[value]) / Deviation(raw, value);
        return -z * z / 2 - raw[Quantities.Count + value] - HalfLogTau;
    }

    private protected override (double Below, double Above) LogTails(ReadOnlySpan<float> raw, int value, double scaled)
    {
        var z = (scaled - raw[value]) / Deviation(raw, value);
        return (LogBelow(z), LogBelow(-z));
    }

    /// <summary>ln of the standard normal distribution function; far out by its asymptotic series, as it would be 0 in float64.</summary>
    static double LogBelow(double z) => z > -30
        ? Math.Log(SpecialFunctions.Erfc(-z / Constants.Sqrt2) / 2)
        : -z * z / 2 - HalfLogTau - Math.Log(-z) - 1 / (z * z);

    double Deviation(ReadOnlySpan<float> raw, int value) => Math.Exp(raw[Quantities.Count + value]);
}
