using Rnn.Engine.Codecs;
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

    /// <summary>Timesteps of the call, from 0, to find the units by that differ most between these and the others; null to find none.</summary>
    public IReadOnlyList<int>? SeparatedSteps { get; init; }

    /// <summary>How many such units to tell. 1 or more.</summary>
    public int Top { get; init; } = 10;

    /// <summary>A threshold above which to tell where <see cref="Units"/> rise; null to tell nothing.</summary>
    public double? RiseAbove { get; init; }

    /// <summary>What to attribute to the inputs; null for nothing.</summary>
    public AttributionOptions? Attribution { get; init; }

    internal bool SearchesUnits => SeparatedSteps is not null || RiseAbove is not null;

    /// <summary>Whether a part of a layer is needed.</summary>
    internal bool Wants(string layer, TracePart part) =>
        (Summarises || Parts.Contains(part) || (SearchesUnits && part == TracePart.Hidden)) && Shows(layer);

    bool Shows(string layer) => Layers is null || Layers.Contains(layer, StringComparer.Ordinal);

    /// <exception cref="EngineException">The model can't be looked into, there is no such layer or unit, or it would be too much.</exception>
    internal TraceOptions Check(RecurrentModel model, int timesteps, RequestLimits limits)
    {
        if (!model.Traces)
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' can't be looked into: that takes layers of this engine that read forward, without a mask.", "/trace");
        }

        if (Parts.Count == 0 && !Summarises && !SearchesUnits && Attribution is null)
        {
            throw EngineException.Input("/trace/parts", $"Say what to show: some of {string.Join(", ", Enum.GetNames<TracePart>().Select(name => name.ToLowerInvariant()))}; or summary, separate, riseAbove, attribute.");
        }

        CheckSearch(timesteps);
        CheckAttribution(model, timesteps);

        var states = model.Layout.Parts.Where(part => part.Kind is StateKind.Hidden or StateKind.Memory).ToList();
        foreach (var (index, layer) in (Layers ?? []).Index())
        {
            if (states.TrueForAll(state => state.Layer != layer))
            {
                throw EngineException.Input($"/trace/layers/{index}", $"There is no layer '{layer}'; there are {string.Join(", ", states.Select(state => state.Layer))}.");
            }
        }

        var shown = states.Where(state => state.Kind == StateKind.Hidden && Shows(state.Layer)).ToList();
        foreach (var (index, unit) in (Units ?? []).Index())
        {
            if (unit < 0 || shown.TrueForAll(state => unit >= state.Size))
            {
                throw EngineException.Input($"/trace/units/{index}", $"There is no unit {unit}; the layers have {string.Join(", ", shown.Select(state => state.Size).Distinct())}, from 0.");
            }
        }

        var kinds = Summarises ? Enum.GetValues<TracePart>().Length : Parts.Count + (SearchesUnits ? 1 : 0);
        var numbers = (long)timesteps * kinds * (shown.Sum(state => state.Size) + (Parts.Contains(TracePart.Logits) ? model.Output.Size : 0));
        return numbers <= limits.MaxTracedNumbers
            ? this
            : throw EngineException.Input("/trace", $"This would be up to {numbers} numbers; one call shows {limits.MaxTracedNumbers} at most. Ask for fewer timesteps, parts or layers.");
    }

    /// <exception cref="EngineException">As <see cref="Check"/>; or there is not one text that is generated.</exception>
    internal TraceOptions CheckGeneration(RecurrentModel model, int promptLength, GenerationOptions generation, RequestLimits limits) =>
        generation.Choice is { Sequences: > 1 } or { Beams: not null }
            ? throw EngineException.Input("/trace", "One generation at a time can be looked into: leave out n, bestOf and beams.")
            : (SeparatedSteps, Attribution) is (null, null)
                ? Check(model, promptLength + generation.MaxLength, limits)
                : throw EngineException.Input(
                    SeparatedSteps is null ? "/trace/attribute" : "/trace/separate", "What is generated is not known yet; give the text to sequence for that.");

    void CheckAttribution(RecurrentModel model, int timesteps)
    {
        if (Attribution is null)
        {
            return;
        }

        if (!model.Attributes)
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Outputs of model '{model.Name}' can't be attributed: that takes Elman, LSTM and GRU layers as PyTorch has them, dense and normalising ones.", "/trace/attribute");
        }

        if (Attribution.Timestep < 0 || Attribution.Timestep >= timesteps)
        {
            throw EngineException.Input("/trace/attribute/timestep", $"There is no timestep {Attribution.Timestep} in this call; it has {timesteps}, from 0.");
        }

        _ = OutputOf(model);
    }

    /// <summary>The index of the output that is attributed; null if none is named.</summary>
    internal int? OutputOf(RecurrentModel model)
    {
        if (Attribution is { Label: not null, Output: not null })
        {
            throw EngineException.Input("/trace/attribute/output", "Give 'label' or 'output', not both.");
        }

        if (Attribution?.Output is { } output && (output < 0 || output >= model.Output.Size))
        {
            throw EngineException.Input("/trace/attribute/output", $"There is no output {output}; they go from 0 to {model.Output.Size - 1}.");
        }

        if (Attribution?.Label is not { } label)
        {
            return Attribution?.Output;
        }

        var labels = (model.Output as DistributionHead)?.Labels
            ?? throw EngineException.Input("/trace/attribute/label", $"The outputs of model '{model.Name}' have no labels; give the index in 'output'.");
        return labels.Index().Where(known => known.Item == label).Select(known => (int?)known.Index).FirstOrDefault()
            ?? throw EngineException.Input("/trace/attribute/label", $"There is no label '{label}' among the {labels.Count} of this model.");
    }

    void CheckSearch(int timesteps)
    {
        if (RiseAbove is not null && Units is null)
        {
            throw EngineException.Input("/trace/units", "Say whose rises to tell.");
        }

        if (RiseAbove is double.NaN or double.PositiveInfinity or double.NegativeInfinity)
        {
            throw EngineException.Input("/trace/riseAbove", "The threshold must be a finite number.");
        }

        if (SeparatedSteps is null)
        {
            return;
        }

        foreach (var (index, step) in SeparatedSteps.Index())
        {
            if (step < 0 || step >= timesteps)
            {
                throw EngineException.Input($"/trace/separate/{index}", $"There is no timestep {step} in this call; it has {timesteps}, from 0.");
            }
        }

        if (SeparatedSteps.Distinct().Count() is var inside && (inside == 0 || inside == timesteps))
        {
            throw EngineException.Input("/trace/separate", "Units separate some of the timesteps from the others; name neither none nor all.");
        }

        if (Top < 1)
        {
            throw EngineException.Input("/trace/top", "top must be 1 or more.");
        }
    }
}
