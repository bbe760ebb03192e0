using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Rnn.Engine;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;

namespace Rnn.Api.Rest;

/// <summary>What to show of a network's timesteps.</summary>
public sealed record TraceRequest
{
    static readonly string[] Names = [.. Enum.GetNames<TracePart>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    [Description("Some of hidden, cell, input, forget, output, candidate, reset, update, attention and logits. What a layer does not have is left out.")]
    public IReadOnlyList<string>? Parts { get; init; }

    [Description("The layers, named as in the state, such as lstm.0; all if left out.")]
    public IReadOnlyList<string>? Layers { get; init; }

    [Description("The units of each layer, from 0; all if left out.")]
    public IReadOnlyList<int>? Units { get; init; }

    [Description("Whether to sum up all gates and hidden states, whether or not they are shown.")]
    public bool Summary { get; init; }

    [Description("Timesteps of this call, from 0: tells the units whose hidden state differs most between these and the others.")]
    public IReadOnlyList<int>? Separate { get; init; }

    [Description("How many such units."), Range(1, int.MaxValue), DefaultValue(10)]
    public int Top { get; set; } = 10;

    [Description("Tells at which timesteps the hidden state of 'units' rises above this.")]
    public double? RiseAbove { get; init; }

    [Description("Tells how an output depends on each input, by its gradient. Not of a generation.")]
    public AttributionRequest? Attribute { get; init; }

    internal TraceOptions ToOptions() => new()
    {
        Attribution = Attribute is null ? null : new(Attribute.Label, Attribute.Output, Attribute.Timestep),
        SeparatedSteps = Separate,
        Top = Top,
        RiseAbove = RiseAbove,
        Parts = [.. (Parts ?? []).Select((name, index) => Array.IndexOf(Names, name) is >= 0 and var part
            ? (TracePart)part
            : throw EngineException.Input($"/trace/parts/{index}", $"There is no part '{name}'; there are {string.Join(", ", Names)}."))],
        Layers = Layers,
        Units = Units,
        Summarises = Summary,
    };
}

/// <summary>Which output to attribute to the inputs.</summary>
public sealed record AttributionRequest
{
    [Description("A label, or a token's text.")]
    public string? Label { get; init; }

    [Description("Or the index of the network's output. If neither is given, the most probable one, or the first value.")]
    public int? Output { get; init; }

    [Description("At which timestep of this call, from 0; the last if left out.")]
    public int? Timestep { get; init; }
}

/// <summary>What a network's timesteps looked like inside.</summary>
public sealed record TraceDocument
{
    [Description("The layers, the first one first.")]
    public required IReadOnlyList<LayerTraceDocument> Layers { get; init; }

    [Description("The network's output at each timestep before it is decoded: logits, or scaled values.")]
    public IReadOnlyList<float[]>? Logits { get; init; }

    [Description("What an encoder-decoder's encoder has read in this call, token by token: what 'attention' weighs.")]
    public IReadOnlyList<string>? Source { get; init; }

    [Description("Gates and hidden states summed up.")]
    public IReadOnlyList<TraceSummaryDocument>? Summary { get; init; }

    [Description("The units whose hidden state differs most between the timesteps of 'separate' and the others, the most different first.")]
    public IReadOnlyList<SeparatingUnitDocument>? Separating { get; init; }

    [Description("How the output of 'attribute' depends on each input.")]
    public AttributionDocument? Attribution { get; init; }

    [Description("Where the units rise above 'riseAbove'.")]
    public IReadOnlyList<RisingUnitDocument>? Rises { get; init; }

    /// <summary>All of a run's timesteps; null if it is not traced.</summary>
    internal static TraceDocument? Of(InferenceRun run) => run.IsTraced ? WithFindings(From(run.TraceAfter()), run.TraceFindings) : null;

    /// <summary>The timesteps of a run after a step; null if it is not traced.</summary>
    internal static TraceDocument? After(InferenceRun run, long step) => run.IsTraced ? From(run.TraceAfter(step)) : null;

    /// <summary>What was found in all of a run's timesteps; null if nothing was looked for.</summary>
    internal static TraceDocument? FindingsOf(InferenceRun run) => run.TraceFindings is { } findings ? WithFindings(new() { Layers = [] }, findings) : null;

    static TraceDocument From(NetworkTrace trace) => new()
    {
        Layers = [.. trace.Parts.Where(part => part.Part != TracePart.Logits).GroupBy(part => part.Layer, LayerTraceDocument.From)],
        Logits = trace.Parts.FirstOrDefault(part => part.Part == TracePart.Logits)?.Rows,
        Source = trace.Source,
    };

    static TraceDocument WithFindings(TraceDocument document, NetworkTrace? findings) => document with
    {
        Summary = findings?.Summaries is null ? null : [.. findings.Summaries.Select(TraceSummaryDocument.From)],
        Separating = findings?.Separating is null ? null : [.. findings.Separating.Select(SeparatingUnitDocument.From)],
        Attribution = findings?.Attribution is null ? null : AttributionDocument.From(findings.Attribution),
        Rises = findings?.Rises is null ? null : [.. findings.Rises.Select(RisingUnitDocument.From)],
    };
}

/// <summary>A unit whose hidden state differs between some timesteps and the others.</summary>
public sealed record SeparatingUnitDocument
{
    [Description("The layer's name.")]
    public required string Layer { get; init; }

    [Description("The unit, from 0.")]
    public required int Unit { get; init; }

    [Description("Cohen's d: the difference of the means over the deviation. Above 0 if the unit is higher at the timesteps that were named.")]
    public required double Separation { get; init; }

    [Description("Its mean at those timesteps.")]
    public required double Inside { get; init; }

    [Description("Its mean at the others.")]
    public required double Outside { get; init; }

    internal static SeparatingUnitDocument From(SeparatingUnit unit) => new()
    {
        Layer = unit.Layer,
        Unit = unit.Unit,
        Separation = unit.Separation,
        Inside = unit.Inside,
        Outside = unit.Outside,
    };
}

/// <summary>How an output of the network depends on each input: its exact gradient, by back-propagation through time.</summary>
public sealed record AttributionDocument
{
    [Description("The index of the output: a logit, or a scaled value.")]
    public required int Output { get; init; }

    [Description("Its label or token.")]
    public string? Label { get; init; }

    [Description("At which timestep of this call the output is.")]
    public required int Timestep { get; init; }

    [Description("Of each timestep up to it the length of the gradient: how strongly the output would change with that input.")]
    public required IReadOnlyList<float> Norms { get; init; }

    [Description("Of each timestep the input times the gradient: what that input adds to the output, to first order.")]
    public required IReadOnlyList<float> Products { get; init; }

    [Description("The gradients themselves, with respect to a token's vector, or to the scaled features.")]
    public required IReadOnlyList<float[]> Gradients { get; init; }

    internal static AttributionDocument From(Attribution attribution) => new()
    {
        Output = attribution.Output,
        Label = attribution.Label,
        Timestep = attribution.Timestep,
        Norms = attribution.Norms,
        Products = attribution.Products,
        Gradients = attribution.Gradients,
    };
}

/// <summary>Where a unit's hidden state rises above a threshold.</summary>
public sealed record RisingUnitDocument
{
    [Description("The layer's name.")]
    public required string Layer { get; init; }

    [Description("The unit, from 0.")]
    public required int Unit { get; init; }

    [Description("The timesteps of this call, from 0, or the steps of the session, at which it is above and was not before.")]
    public required IReadOnlyList<long> Timesteps { get; init; }

    internal static RisingUnitDocument From(RisingUnit unit) => new() { Layer = unit.Layer, Unit = unit.Unit, Timesteps = unit.Timesteps };
}

/// <summary>A layer over time: of each timestep a number for each unit that was asked for.</summary>
public sealed record LayerTraceDocument
{
    [Description("The layer's name.")]
    public required string Layer { get; init; }

    [Description("The hidden state h after each timestep.")]
    public IReadOnlyList<float[]>? Hidden { get; init; }

    [Description("The cell state c of an LSTM after each timestep.")]
    public IReadOnlyList<float[]>? Cell { get; init; }

    [Description("The input gate i of an LSTM.")]
    public IReadOnlyList<float[]>? Input { get; init; }

    [Description("The forget gate f of an LSTM.")]
    public IReadOnlyList<float[]>? Forget { get; init; }

    [Description("The output gate o of an LSTM.")]
    public IReadOnlyList<float[]>? Output { get; init; }

    [Description("The candidate: g of an LSTM, n of a GRU.")]
    public IReadOnlyList<float[]>? Candidate { get; init; }

    [Description("The reset gate r of a GRU.")]
    public IReadOnlyList<float[]>? Reset { get; init; }

    [Description("The update gate z of a GRU: the share of the hidden state that stays.")]
    public IReadOnlyList<float[]>? Update { get; init; }

    [Description("The weights with which a decoder looks at each timestep of its source.")]
    public IReadOnlyList<float[]>? Attention { get; init; }

    internal static LayerTraceDocument From(string layer, IEnumerable<TracedPart> parts)
    {
        var rows = parts.ToDictionary(part => part.Part, part => part.Rows);
        return new()
        {
            Layer = layer,
            Hidden = rows.GetValueOrDefault(TracePart.Hidden),
            Cell = rows.GetValueOrDefault(TracePart.Cell),
            Input = rows.GetValueOrDefault(TracePart.Input),
            Forget = rows.GetValueOrDefault(TracePart.Forget),
            Output = rows.GetValueOrDefault(TracePart.Output),
            Candidate = rows.GetValueOrDefault(TracePart.Candidate),
            Reset = rows.GetValueOrDefault(TracePart.Reset),
            Update = rows.GetValueOrDefault(TracePart.Update),
            Attention = rows.GetValueOrDefault(TracePart.Attention),
        };
    }
}

/// <summary>A part of a layer summed up over timesteps and units.</summary>
public sealed record TraceSummaryDocument
{
    [Description("The layer's name.")]
    public required string Layer { get; init; }

    [Description("Which part of it.")]
    public required string Part { get; init; }

    [Description("The mean over timesteps and units.")]
    public required double Mean { get; init; }

    [Description("The share of a gate's numbers below 0.05.")]
    public double? Closed { get; init; }

    [Description("The share of a gate's numbers above 0.95.")]
    public double? Open { get; init; }

    [Description("The units whose hidden state stays within 0.001 of 0 throughout.")]
    public IReadOnlyList<int>? Dead { get; init; }

    internal static TraceSummaryDocument From(TraceSummary summary) => new()
    {
        Layer = summary.Layer,
        Part = JsonNamingPolicy.CamelCase.ConvertName(summary.Part.ToString()),
        Mean = summary.Mean,
        Closed = summary.Closed,
        Open = summary.Open,
        Dead = summary.Dead,
    };
}
