namespace Rnn.Engine.Prediction;

/// <summary>Finds units of hidden states by what they do over time.</summary>
static class UnitSearch
{
    // A unit that never moves separates nothing.
    const double LeastVariance = 1e-12;

    /// <summary>
    /// The units whose hidden state differs most between some timesteps and the others, by Cohen's d:
    /// <code>
    /// d = (mean inside - mean outside) / sqrt((variance inside + variance outside) / 2)
    /// </code>
    /// </summary>
    /// <param name="layers">Of each layer its hidden states, [T][H].</param>
    /// <param name="inside">The timesteps, from 0; neither none nor all.</param>
    /// <param name="top">How many.</param>
    /// <returns>Those with the largest |d|, the largest first.</returns>
    public static IReadOnlyList<SeparatingUnit> Separating(IEnumerable<(string Layer, IReadOnlyList<float[]> Rows)> layers, IReadOnlySet<int> inside, int top) =>
    [
        .. layers.SelectMany(layer => Enumerable.Range(0, layer.Rows[0].Length).Select(unit => Separation(layer.Layer, layer.Rows, unit, inside)))
            .OrderByDescending(unit => Math.Abs(unit.Separation)).ThenBy(unit => unit.Unit).Take(top),
    ];

    /// <summary>The timesteps at which a unit's hidden state is above a threshold and was not before.</summary>
    /// <param name="rows">Hidden states, [T][H].</param>
    /// <param name="unit">The unit.</param>
    /// <param name="threshold">The threshold.</param>
    public static IReadOnlyList<int> Rises(IReadOnlyList<float[]> rows, int unit, double threshold) =>
    [
        .. Enumerable.Range(0, rows.Count).Where(timestep => rows[timestep][unit] > threshold && (timestep == 0 || rows[timestep - 1][unit] <= threshold)),
    ];

    static SeparatingUnit Separation(string layer, IReadOnlyList<float[]> rows, int unit, IReadOnlySet<int> inside)
    {
        var (meanInside, varianceInside) = Moments(rows.Where((_, timestep) => inside.Contains(timestep)), unit);
        var (meanOutside, varianceOutside) = Moments(rows.Where((_, timestep) => !inside.Contains(timestep)), unit);
        var deviation = Math.Sqrt((varianceInside + varianceOutside) / 2 + LeastVariance);
        return new(layer, unit, (meanInside - meanOutside) / deviation, meanInside, meanOutside);
    }

    static (double Mean, double Variance) Moments(IEnumerable<float[]> rows, int unit)
    {
        var (count, mean, squares) = (0, 0.0, 0.0);
        foreach (var row in rows)
        {
            count++;
            var difference = row[unit] - mean;
            mean += difference / count;
            squares += difference * (row[unit] - mean);
        }

        return (mean, squares / count);
    }
}

/// <summary>A unit whose hidden state differs between some timesteps and the others.</summary>
/// <param name="Layer">The layer, named as its state is.</param>
/// <param name="Unit">The unit, from 0.</param>
/// <param name="Separation">Cohen's d; above 0 if the unit is higher inside.</param>
/// <param name="Inside">The mean at those timesteps.</param>
/// <param name="Outside">The mean at the others.</param>
public sealed record SeparatingUnit(string Layer, int Unit, double Separation, double Inside, double Outside);

/// <summary>Where a unit's hidden state rises above a threshold.</summary>
/// <param name="Layer">The layer, named as its state is.</param>
/// <param name="Unit">The unit, from 0.</param>
/// <param name="Timesteps">The timesteps of the call, from 0, or the steps of a session.</param>
public sealed record RisingUnit(string Layer, int Unit, IReadOnlyList<long> Timesteps);
