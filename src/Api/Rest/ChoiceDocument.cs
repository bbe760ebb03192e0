using System.ComponentModel;
using Rnn.Engine.Prediction;

namespace Rnn.Api.Rest;

/// <summary>One of several generations.</summary>
public sealed record ChoiceDocument
{
    [Description("Its number, from 0; the best is first if they are ranked.")]
    public required int Index { get; init; }

    [Description("What was generated. In a stream the events have told it.")]
    public string? Text { get; init; }

    [Description("Why it ended: length, stop, end or pattern.")]
    public required string Finish { get; init; }

    [Description("The sum of the natural log-probabilities of its tokens; of those that ended it too.")]
    public required double LogProbability { get; init; }

    [Description("What it is ranked by: the log-probability over the number of tokens to the power of lengthPenalty, which is 1 for what was drawn.")]
    public required double Score { get; init; }

    [Description("Draws it again, alone. None of a beam search.")]
    public ulong? Seed { get; init; }

    [Description("Its tokens, if log-probabilities were asked for.")]
    public IReadOnlyList<TokenDocument>? Tokens { get; init; }

    internal static ChoiceDocument From(Choice choice, int index) => new()
    {
        Index = index,
        Finish = FinishReasons.NameOf(choice.Finish),
        LogProbability = choice.LogProbability,
        Score = choice.Score,
        Seed = choice.Seed,
    };
}
