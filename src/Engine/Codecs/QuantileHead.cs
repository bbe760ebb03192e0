namespace Rnn.Engine.Codecs;

/// <summary>
/// Quantiles of the scaled values, as quantile regression gives them (Koenker and Bassett 1978): between two levels the
/// distribution function is linear; beyond the outer ones it is exponential, with the density of the segment beside it. Quantiles
/// that cross are put in order (Chernozhukov et al. 2010).
/// </summary>
/// <param name="quantities">What each value is.</param>
/// <param name="levels">The probabilities, rising, two or more above 0 and below 1. The network gives all levels of the first value, then of the second.</param>
public sealed class QuantileHead(IReadOnlyList<Quantity> quantities, IReadOnlyList<double> levels) : ProbabilisticHead(quantities)
{
    // Quantiles that fall together would leave no density. Relative to how far the outer ones are apart, as values may be of any size.
    const double LeastWidth = 1e-6;
    const double LeastRange = 1e-9;

    /// <summary>The probabilities, rising.</summary>
    public IReadOnlyList<double> Levels => levels;

    /// <inheritdoc/>
    public override int Size => Quantities.Count * levels.Count;

    /// <summary>All quantiles in the user's units.</summary>
    public override float[] Values(ReadOnlySpan<float> raw)
    {
        var values = new float[raw.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Unscale(i / levels.Count, raw[i]);
        }

        return values;
    }

    private protected override double ScaledQuantile(ReadOnlySpan<float> raw, int value, double probability)
    {
        var quantiles = Ordered(raw, value);
        if (probability < levels[0])
        {
            return quantiles[0] + LowerScale(quantiles) * Math.Log(probability / levels[0]);
        }

        if (probability > levels[^1])
        {
            return quantiles[^1] - UpperScale(quantiles) * Math.Log((1 - probability) / (1 - levels[^1]));
        }

        var upper = UpperOf(levels, probability);
        var share = (probability - levels[upper - 1]) / (levels[upper] - levels[upper - 1]);
        return quantiles[upper - 1] + share * (quantiles[upper] - quantiles[upper - 1]);
    }

    private protected override double LogDensity(ReadOnlySpan<float> raw, int value, double scaled)
    {
        var quantiles = Ordered(raw, value);
        if (scaled < quantiles[0])
        {
            var scale = LowerScale(quantiles);
            return Math.Log(levels[0] / scale) + (scaled - quantiles[0]) / scale;
        }

        if (scaled > quantiles[^1])
        {
            var scale = UpperScale(quantiles);
            return Math.Log((1 - levels[^1]) / scale) - (scaled - quantiles[^1]) / scale;
        }

        var upper = UpperOf(quantiles, scaled);
        return Math.Log((levels[upper] - levels[upper - 1]) / (quantiles[upper] - quantiles[upper - 1]));
    }

    private protected override (double Below, double Above) LogTails(ReadOnlySpan<float> raw, int value, double scaled)
    {
        var quantiles = Ordered(raw, value);
        if (scaled < quantiles[0])
        {
            var below = Math.Log(levels[0]) + (scaled - quantiles[0]) / LowerScale(quantiles);
            return (below, double.LogP1(-Math.Exp(below)));
        }

        if (scaled > quantiles[^1])
        {
            var above = Math.Log(1 - levels[^1]) - (scaled - quantiles[^1]) / UpperScale(quantiles);
            return (double.LogP1(-Math.Exp(above)), above);
        }

        var upper = UpperOf(quantiles, scaled);
        var share = (scaled - quantiles[upper - 1]) / (quantiles[upper] - quantiles[upper - 1]);
        var probability = levels[upper - 1] + share * (levels[upper] - levels[upper - 1]);
        return (Math.Log(probability), Math.Log(1 - probability));
    }

    /// <summary>Where the segment ends that holds a value between the first and the last of some that rise.</summary>
    static int UpperOf(IReadOnlyList<double> rising, double value)
    {
        var upper = 1;
        while (rising[upper] < value)
        {
            upper++;
        }

        return upper;
    }

    /// <summary>What an e-th of the probability below the lowest quantile takes.</summary>
    double LowerScale(double[] quantiles) => levels[0] * (quantiles[1] - quantiles[0]) / (levels[1] - levels[0]);

    double UpperScale(double[] quantiles) => (1 - levels[^1]) * (quantiles[^1] - quantiles[^2]) / (levels[^1] - levels[^2]);

    double[] Ordered(ReadOnlySpan<float> raw, int value)
    {
        var quantiles = new double[levels.Count];
        for (var level = 0; level < quantiles.Length; level++)
        {
            quantiles[level] = raw[value * levels.Count + level];
        }

        Array.Sort(quantiles);
        var least = LeastWidth * Math.Max(quantiles[^1] - quantiles[0], Math.Abs(quantiles[0]) * LeastWidth + LeastRange);
        for (var level = 1; level < quantiles.Length; level++)
        {
            quantiles[level] = Math.Max(quantiles[level], quantiles[level - 1] + least);
        }

        return quantiles;
    }
}
