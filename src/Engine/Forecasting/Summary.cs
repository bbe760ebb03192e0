using Rnn.Engine.Codecs;

namespace Rnn.Engine.Forecasting;

/// <summary>What is told of the paths of a series.</summary>
static class Summary
{
    const double Median = 0.5;

    /// <param name="columns">What the model's features are.</param>
    /// <param name="run">What has read the past.</param>
    /// <param name="paths">One or more: the targets of each timestep.</param>
    /// <param name="probabilities">Whose quantiles are told.</param>
    /// <param name="isDrawn">Whether the paths were drawn; if not, there is one, of the medians.</param>
    public static IReadOnlyList<ForecastStep> Of(
        ForecastColumns columns, SeriesRun run, float[][][] paths, IReadOnlyList<double> probabilities, bool isDrawn)
    {
        var steps = new ForecastStep[paths[0].Length];
        for (var step = 0; step < steps.Length; step++)
        {
            var time = run.Rows.Times?[run.Rows.Past + step];
            if (isDrawn)
            {
                var drawn = Enumerable.Range(0, columns.Targets.Count).Select(target => Sorted(paths, step, target)).ToArray();
                steps[step] = new(time, OfDrawn(drawn, Median), [.. probabilities.Select(probability => OfDrawn(drawn, probability))]);
            }
            else
            {
                // Undrawn, quantiles are told of one timestep only, of which the model gives the distribution itself.
                steps[step] = new(time, paths[0][step], [.. probabilities.Select(probability => OfOutput(columns, run.Output, probability))]);
            }
        }

        return steps;
    }

    /// <summary>
    /// The quantile of n values in rising order, linear between two of them (type 7 of Hyndman and Fan 1996, as NumPy and R do it):
    /// <code>
    /// h = (n - 1) p,   q = x[floor h] + (h - floor h) (x[floor h + 1] - x[floor h])
    /// </code>
    /// </summary>
    /// <param name="sorted">One value or more.</param>
    /// <param name="probability">0 to 1.</param>
    public static float Quantile(ReadOnlySpan<float> sorted, double probability)
    {
        var place = (sorted.Length - 1) * probability;
        var below = (int)place;
        double low = sorted[below];
        double high = sorted[Math.Min(below + 1, sorted.Length - 1)];
        return (float)(low + (place - below) * (high - low));
    }

    static float[] OfDrawn(float[][] drawn, double probability) => [.. drawn.Select(values => Quantile(values, probability))];

    static float[] OfOutput(ForecastColumns columns, float[] output, double probability)
    {
        var head = (ProbabilisticHead)columns.Output;
        return [.. Enumerable.Range(0, columns.Targets.Count).Select(target => head.Quantile(output, target, probability))];
    }

    static float[] Sorted(float[][][] paths, int step, int target)
    {
        var values = paths.Select(path => path[step][target]).ToArray();
        Array.Sort(values);
        return values;
    }
}
