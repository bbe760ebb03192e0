using MathNet.Numerics;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Monitoring;

/// <summary>
/// Compares what came with what a model had predicted. What it has learnt of a stream is the last part of the stream's state:
/// a <see cref="RarityRecord"/>, and <see cref="ResidualMoments"/> of each target. A step leaves it as it is.
/// </summary>
/// <param name="head">What decodes the predictions.</param>
public sealed class StreamMonitor(NumericHead head)
{
    // The least that a double holds is about 1e-308.
    const double Rarest = 300;

    static readonly double HalfLogTau = Math.Log(2 * Math.PI) / 2;

    /// <summary>The part of a state that it learns in.</summary>
    public StatePart Part => new("monitor", StateKind.Statistics, RarityRecord.Size + ResidualMoments.Size * head.Quantities.Count);

    /// <summary>Compares, and learns.</summary>
    /// <param name="raw">What the network gave before, [O].</param>
    /// <param name="actual">What came, of each target in the user's unit; NaN where nothing came.</param>
    /// <param name="learnt">The part of the state; changed in place.</param>
    /// <returns>Null if nothing came.</returns>
    public Comparison? Compare(ReadOnlySpan<float> raw, ReadOnlySpan<double> actual, Span<float> learnt)
    {
        var points = head.Points(raw);
        var residuals = new double?[points.Length];
        var deviations = new double?[points.Length];
        var (surprisal, rarest, compared, isKnown) = (0.0, 0.0, 0, true);
        for (var target = 0; target < points.Length; target++)
        {
            var moments = new ResidualMoments(learnt[(RarityRecord.Size + ResidualMoments.Size * target)..]);
            if (!double.IsNaN(actual[target]))
            {
                var residual = actual[target] - points[target];
                var (surprisalOf, rarity) = Judge(raw, target, actual[target], residual, moments);
                isKnown &= surprisalOf is not null;
                surprisal += surprisalOf ?? 0;
                rarest = Math.Max(rarest, rarity ?? 0);
                residuals[target] = residual;
                compared++;
                moments.Add(residual);
            }

            deviations[target] = moments.AreKnown ? moments.Deviation : null;
        }

        if (compared == 0)
        {
            return null;
        }

        if (!isKnown)
        {
            return new(residuals, deviations, null, null);
        }

        var t = RarestOf(compared, rarest);
        var record = new RarityRecord(learnt);
        var probability = record.Probability(t);
        record.Add(t);
        return new(residuals, deviations, surprisal, 1 - probability);
    }

    /// <summary>-log10 of 1 - (1 - p)^k: how rare it is that the rarest of k independent ones is that rare.</summary>
    static double RarestOf(int count, double t) => t > 10
        ? t - Math.Log10(count)
        : Math.Max(-Math.Log10(-double.ExpM1(count * double.LogP1(-Math.Pow(10, -t)))), 0);

    (double? Surprisal, double? Rarity) Judge(ReadOnlySpan<float> raw, int target, double actual, double residual, ResidualMoments moments)
    {
        if (head is ProbabilisticHead probabilistic)
        {
            return (probabilistic.Surprisal(raw, target, actual), Math.Min(-probabilistic.LogTail(raw, target, actual) / Math.Log(10), Rarest));
        }

        if (!moments.AreKnown)
        {
            return (null, null);
        }

        var z = (residual - moments.Mean) / moments.Deviation;
        var tail = SpecialFunctions.Erfc(Math.Abs(z) / Constants.Sqrt2);
        return (z * z / 2 + Math.Log(moments.Deviation) + HalfLogTau, Math.Min(-Math.Log10(tail), Rarest));
    }
}
