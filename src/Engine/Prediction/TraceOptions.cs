using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Prediction;

/// <summary>What to show of a network's timesteps.</summary>
public sealed record TraceOptions
{
    /// <summary>Which parts; those that a layer does not have are left out.</summary>
    public IReadOnlyList<TracePart> Parts { get; init; } = [];

    /// <summary>Which layers, by the names of their states; null for all.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Which units of each; null for all.</summary>
    public IReadOnlyList<int>? Units { get; init; }

    /// <summary>Whether the gates are summed up, whether or not they are told.</summary>
    public bool Summarises { get; init; }

    /// <summary>Whether a part of a layer is needed.</summary>
    internal bool Wants(string layer, TracePart part) =>
        (Summarises || Parts.Contains(part)) && (Layers is null || Layers.Contains(layer, StringComparer.Ordinal));

    /// <exception cref="EngineException">The model can't be looked into, there is no such layer or unit, or it would be too much.</exception>
    internal TraceOptions Check(RecurrentModel model, int timesteps, RequestLimits limits)
    {
        if (!model.Traces)
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' can't be looked into: that takes layers of this engine that read forward, without a mask.", "/trace");
        }

        if (Parts.Count == 0 && !Summarises)
        {
            throw EngineException.Input("/trace/parts", $"Say what to show: some of {string.Join(", ", Enum.GetNames<TracePart>().Select(name => name.ToLowerInvariant()))}; or summary.");
        }

        var states = model.Layout.Parts.Where(part => part.Kind == StateKind.Hidden).ToList();
        foreach (var (index, layer) in (Layers ?? []).Index())
        {
            if (states.TrueForAll(state => state.Layer != layer))
            {
                throw EngineException.Input($"/trace/layers/{index}", $"There is no layer '{layer}'; there are {string.Join(", ", states.Select(state => state.Layer))}.");
            }
        }

        var shown = states.Where(state => Layers is null || Layers.Contains(state.Layer, StringComparer.Ordinal)).ToList();
        foreach (var (index, unit) in (Units ?? []).Index())
        {
            if (unit < 0 || shown.TrueForAll(state => unit >= state.Size))
            {
                throw EngineException.Input($"/trace/units/{index}", $"There is no unit {unit}; the layers have {string.Join(", ", shown.Select(state => state.Size).Distinct())}, from 0.");
            }
        }

        var kinds = Summarises ? Enum.GetValues<TracePart>().Length : Parts.Count;
        var numbers = (long)timesteps * kinds * (shown.Sum(state => state.Size) + (Parts.Contains(TracePart.Logits) ? model.Output.Size : 0));
        return numbers <= limits.MaxTracedNumbers
            ? this
            : throw EngineException.Input("/trace", $"This would be up to {numbers} numbers; one call shows {limits.MaxTracedNumbers} at most. Ask for fewer timesteps, parts or layers.");
    }
}
