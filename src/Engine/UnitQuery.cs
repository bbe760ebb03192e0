using Rnn.Engine.Layers;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine;

/// <summary>What to look for in the hidden states that a session keeps: those of its history, and the present one.</summary>
public sealed record UnitQuery
{
    /// <summary>Which layers, by the names of their states; null for all.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Whose rises to tell; needed with <see cref="RiseAbove"/>.</summary>
    public IReadOnlyList<int>? Units { get; init; }

    /// <summary>A threshold above which to tell where <see cref="Units"/> rise; null to tell nothing.</summary>
    public double? RiseAbove { get; init; }

    /// <summary>Steps of the session to find the units by that differ most between these and the others; null to find none.</summary>
    public IReadOnlyList<long>? SeparatedSteps { get; init; }

    /// <summary>How many such units to tell. 1 or more.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Looks for them.</summary>
    /// <exception cref="EngineException">There is no such layer, unit or kept step, or nothing is asked for.</exception>
    internal UnitFindings Search(SessionRecord session, StateLayout layout)
    {
        if ((RiseAbove, SeparatedSteps) is (null, null))
        {
            throw EngineException.Input("/separate", "Say what to look for: separate, or units and riseAbove.");
        }

        Snapshot[] states = [.. session.History, session.State];
        var layers = Hidden(layout, states);
        return new(session, states[0].Step)
        {
            Separating = SeparatedSteps is null ? null : UnitSearch.Separating(layers, Inside(states), Top),
            Rises = RiseAbove is null ? null : Rises(layers, states, RiseAbove.Value),
        };
    }

    List<(string Layer, IReadOnlyList<float[]> Rows)> Hidden(StateLayout layout, Snapshot[] states)
    {
        var hidden = layout.Parts.Where(part => part.Kind == StateKind.Hidden).Select(part => part.Layer).ToList();
        foreach (var (index, layer) in (Layers ?? []).Index())
        {
            if (!hidden.Contains(layer))
            {
                throw EngineException.Input($"/layers/{index}", $"There is no layer '{layer}'; there are {string.Join(", ", hidden)}.");
            }
        }

        var (layers, offset) = (new List<(string, IReadOnlyList<float[]>)>(), 0);
        foreach (var part in layout.Parts)
        {
            if (part.Kind == StateKind.Hidden && Layers?.Contains(part.Layer) != false)
            {
                var from = offset;
                layers.Add((part.Layer, [.. states.Select(state => state.Values[from..(from + part.Size)])]));
            }

            offset += part.Size;
        }

        return layers;
    }

    HashSet<int> Inside(Snapshot[] states)
    {
        if (Top < 1)
        {
            throw EngineException.Input("/top", "top must be 1 or more.");
        }

        var inside = new HashSet<int>();
        foreach (var (index, step) in SeparatedSteps!.Index())
        {
            var place = Array.FindIndex(states, state => state.Step == step);
            inside.Add(place >= 0 ? place : throw EngineException.Input(
                $"/separate/{index}", $"Step {step} is not kept; the session keeps the states of the steps {states[0].Step} to {states[^1].Step}."));
        }

        return inside.Count > 0 && inside.Count < states.Length
            ? inside
            : throw EngineException.Input("/separate", $"Units separate some of the {states.Length} steps that are kept from the others; name neither none nor all.");
    }

    List<RisingUnit> Rises(List<(string Layer, IReadOnlyList<float[]> Rows)> layers, Snapshot[] states, double threshold)
    {
        if (!double.IsFinite(threshold))
        {
            throw EngineException.Input("/riseAbove", "The threshold must be a finite number.");
        }

        if (Units is null)
        {
            throw EngineException.Input("/units", "Say whose rises to tell.");
        }

        foreach (var (index, unit) in Units.Index())
        {
            if (unit < 0 || layers.TrueForAll(layer => unit >= layer.Rows[0].Length))
            {
                throw EngineException.Input($"/units/{index}", $"There is no unit {unit}; the layers have {string.Join(", ", layers.Select(layer => layer.Rows[0].Length).Distinct())}, from 0.");
            }
        }

        return
        [
            .. layers.SelectMany(layer => Units.Where(unit => unit < layer.Rows[0].Length).Select(unit =>
                new RisingUnit(layer.Layer, unit, [.. UnitSearch.Rises(layer.Rows, unit, threshold).Select(place => states[place].Step)]))),
        ];
    }
}

/// <summary>What was found in the states that a session keeps.</summary>
/// <param name="Session">The session.</param>
/// <param name="FirstStep">The earliest step that was looked at; the last is the session's.</param>
public sealed record UnitFindings(SessionRecord Session, long FirstStep)
{
    /// <summary>The units that differ most between the steps that were named and the others; null if that was not asked for.</summary>
    public IReadOnlyList<SeparatingUnit>? Separating { get; init; }

    /// <summary>Where the units that were named rise above the threshold, by steps of the session; null if that was not asked for.</summary>
    public IReadOnlyList<RisingUnit>? Rises { get; init; }
}
