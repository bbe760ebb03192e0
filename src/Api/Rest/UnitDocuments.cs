using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>What to look for in the hidden states that a session keeps.</summary>
public sealed record UnitRequest
{
    [Description("The layers, named as in the state, such as lstm.0; all if left out.")]
    public IReadOnlyList<string>? Layers { get; init; }

    [Description("Steps of the session that it keeps: tells the units whose hidden state differs most between these and the others.")]
    public IReadOnlyList<long>? Separate { get; init; }

    [Description("How many such units."), Range(1, int.MaxValue), DefaultValue(10)]
    public int Top { get; set; } = 10;

    [Description("The units whose rises to tell, from 0.")]
    public IReadOnlyList<int>? Units { get; init; }

    [Description("Tells at which steps the hidden state of 'units' rises above this.")]
    public double? RiseAbove { get; init; }

    internal UnitQuery ToQuery() => new() { Layers = Layers, Units = Units, SeparatedSteps = Separate, Top = Top, RiseAbove = RiseAbove };
}

/// <summary>What was found in the hidden states that a session keeps.</summary>
public sealed record UnitResponse
{
    [Description("The session.")]
    public required string Session { get; init; }

    [Description("The earliest step that was looked at.")]
    public required long From { get; init; }

    [Description("The last one: where the session is.")]
    public required long Step { get; init; }

    [Description("The units whose hidden state differs most between the steps of 'separate' and the others, the most different first.")]
    public IReadOnlyList<SeparatingUnitDocument>? Separating { get; init; }

    [Description("Where the units rise above 'riseAbove', by steps of the session.")]
    public IReadOnlyList<RisingUnitDocument>? Rises { get; init; }

    internal static UnitResponse Of(UnitFindings findings) => new()
    {
        Session = findings.Session.Id,
        From = findings.FirstStep,
        Step = findings.Session.State.Step,
        Separating = findings.Separating is null ? null : [.. findings.Separating.Select(SeparatingUnitDocument.From)],
        Rises = findings.Rises is null ? null : [.. findings.Rises.Select(RisingUnitDocument.From)],
    };
}
