namespace Rnn.Engine.Tests.Sampling;

/// <summary>Pearson's test of counts against probabilities.</summary>
static class ChiSquare
{
    // The normal quantile of 1 - 1e-6: with the fixed seeds of the tests the answer is the same each time.
    const double Quantile = 4.753;

    /// <summary>Whether tokens are drawn as often as probabilities say; one of probability 0 may not be drawn at all.</summary>
    public static bool Accepts(IReadOnlyList<double> probabilities, IReadOnlyCollection<int> tokens)
    {
        var counts = tokens.CountBy(token => token).ToDictionary();
        var statistic = 0.0;
        for (var token = 0; token < probabilities.Count; token++)
        {
            var (expected, count) = (probabilities[token] * tokens.Count, counts.GetValueOrDefault(token));
            if (expected == 0 && count > 0)
            {
                return false;
            }

            statistic += expected > 0 ? (count - expected) * (count - expected) / expected : 0;
        }

        return statistic <= Limit(probabilities.Count(probability => probability > 0) - 1);
    }

    /// <summary>The quantile of chi-square (Wilson and Hilferty 1931).</summary>
    static double Limit(int degrees) => degrees == 0
        ? 1e-9
        : degrees * Math.Pow(1 - 2.0 / (9 * degrees) + Quantile * Math.Sqrt(2.0 / (9 * degrees)), 3);
}
