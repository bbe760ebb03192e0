using System.ComponentModel;
using Rnn.Engine.Codecs;

namespace Rnn.Api.Rest;

/// <summary>A token of a text, and how probable it was in the model's own distribution.</summary>
public sealed record TokenDocument
{
    [Description("Its index; none for the part of a token before a stop string.")]
    public int? Token { get; init; }

    [Description("What it adds to the text.")]
    public required string Text { get; init; }

    [Description("Its natural log-probability, before temperature, top-k and top-p; none for a first token of which the model says nothing.")]
    public float? LogProbability { get; init; }

    [Description("The most probable tokens in its place, in falling order, as many as were asked for.")]
    public IReadOnlyList<TokenDocument>? Top { get; init; }

    internal static TokenDocument From(Generated generated) => new()
    {
        Token = generated.Token,
        Text = generated.Text,
        LogProbability = generated.Score?.LogProbability,
        Top = TopOf(generated),
    };

    internal static IReadOnlyList<TokenDocument>? TopOf(Generated generated) => generated.Score?.Top is not { Count: > 0 } top
        ? null
        : [.. top.Select(token => new TokenDocument { Token = token.Token, Text = token.Text, LogProbability = token.LogProbability })];
}
