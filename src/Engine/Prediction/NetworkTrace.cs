using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Prediction;

/// <summary>What a network's timesteps looked like inside.</summary>
/// <param name="Parts">Each part of each layer that was asked for.</param>
/// <param name="Summaries">The gates and hidden states summed up, if that was asked for.</param>
public sealed record NetworkTrace(IReadOnlyList<TracedPart> Parts, IReadOnlyList<TraceSummary>? Summaries)
{
    /// <summary>What the encoder has read, token by token: what <see cref="TracePart.Attention"/> weighs. Null if that was not asked for.</summary>
    public IReadOnlyList<string>? Source { get; init; }

    /// <summary>The units that differ most between the timesteps that were named and the others; null if that was not asked for.</summary>
    public IReadOnlyList<SeparatingUnit>? Separating { get; init; }

    /// <summary>How an output depends on the inputs; null if that was not asked for.</summary>
    public Attribution? Attribution { get; init; }

    /// <summary>Where the units that were named rise above the threshold; null if that was not asked for.</summary>
    public IReadOnlyList<RisingUnit>? Rises { get; init; }
}

/// <summary>A part of a layer over time.</summary>
/// <param name="Layer">The layer, named as its state is; empty for the logits.</param>
/// <param name="Part">Which part.</param>
/// <param name="Rows">Of each timestep a number for each unit that was asked for.</param>
public sealed record TracedPart(string Layer, TracePart Part, IReadOnlyList<float[]> Rows);

/// <summary>A part of a layer summed up over timesteps and units.</summary>
/// <param name="Layer">The layer, named as its state is.</param>
/// <param name="Part">Which part.</param>
/// <param name="Mean">The mean of all of its numbers.</param>
/// <param name="Closed">The share of its numbers below 0.05, of a gate.</param>
/// <param name="Open">The share above 0.95, of a gate.</param>
/// <param name="Dead">The units of a hidden state that stay within 0.001 of 0 throughout.</param>
public sealed record TraceSummary(string Layer, TracePart Part, double Mean, double? Closed, double? Open, IReadOnlyList<int>? Dead)
{
    const float ClosedBelow = 0.05f;
    const float OpenAbove = 0.95f;
    const float DeadWithin = 0.001f;

    internal static TraceSummary Of(string layer, TracePart part, IReadOnlyList<float[]> rows)
    {
        var (count, sum, closed, open) = ((double)rows.Count * rows[0].Length, 0.0, 0, 0);
        var highest = new float[rows[0].Length];
        foreach (var row in rows)
        {
            for (var unit = 0; unit < row.Length; unit++)
            {
                sum += row[unit];
                closed += row[unit] < ClosedBelow ? 1 : 0;
                open += row[unit] > OpenAbove ? 1 : 0;
                highest[unit] = Math.Max(highest[unit], Math.Abs(row[unit]));
            }
        }

        var isGate = part is TracePart.Input or TracePart.Forget or TracePart.Output or TracePart.Reset or TracePart.Update;
        return new(
            layer, part, sum / count, isGate ? closed / count : null, isGate ? open / count : null,
            part == TracePart.Hidden ? [.. highest.Index().Where(unit => unit.Item <= DeadWithin).Select(unit => unit.Index)] : null);
    }
}
