using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Rnn.Engine.Codecs;
using Rnn.Engine.Monitoring;

namespace Rnn.Api.Rest;

/// <summary>What every reply tells of the call: who ran, and where the state is now.</summary>
public abstract record RunResponse
{
    [Description("The model that ran."), JsonPropertyOrder(-1)]
    public required string Model { get; init; }

    [Description("Its version."), JsonPropertyOrder(-1)]
    public required int Version { get; init; }

    [Description("The session; none on a stateless call."), JsonPropertyOrder(-1)]
    public string? Session { get; init; }

    [Description("False if the session was left where it was, as asked for."), JsonPropertyOrder(-1)]
    public bool? Committed { get; init; }

    [Description("How many timesteps led to the state after this call."), JsonPropertyOrder(-1)]
    public required long Step { get; init; }

    [Description("How many timesteps of the session were replayed before, as its model has other weights now; none if none were."), JsonPropertyOrder(-1)]
    public int? Replayed { get; init; }

    [Description("The state after this call, if it was asked for.")]
    public StateDocument? State { get; init; }
}

/// <summary>What a reply tells of a call whose timesteps can be looked into.</summary>
public abstract record TracedResponse : RunResponse
{
    [Description("What the layers computed at each timestep, those of a prompt first, if it was asked for.")]
    public TraceDocument? Trace { get; init; }
}

/// <summary>The reply to a step or a sequence.</summary>
public sealed record PredictionResponse : TracedResponse
{
    [Description("The output of the last timestep.")]
    public required OutputDocument Output { get; init; }

    [Description("The output of every timestep, if all were asked for.")]
    public IReadOnlyList<OutputDocument>? Outputs { get; init; }
}

/// <summary>The reply to an observation.</summary>
public sealed record ObservationResponse : RunResponse
{
    [Description("What had been predicted for this timestep; none for the first.")]
    public OutputDocument? Predicted { get; init; }

    [Description("How that compares with what came; none for the first timestep, or if nothing came.")]
    public ComparisonDocument? Comparison { get; init; }

    [Description("What is predicted for the next timestep.")]
    public required OutputDocument Output { get; init; }
}

/// <summary>What came against what had been predicted.</summary>
public sealed record ComparisonDocument
{
    [Description("What came less the prediction, of each target in its unit; null where nothing came.")]
    public required IReadOnlyList<double?> Residuals { get; init; }

    [Description("The running standard deviation of the residuals, of each target; null while there are too few.")]
    public required IReadOnlyList<double?> Deviations { get; init; }

    [Description("How unlikely what came was: -ln p, in nats, with the density p of the scaled values. It may be below 0. None while too little is known.")]
    public double? Surprisal { get; init; }

    [Description("The calibrated anomaly score, 0 to 1: as long as the stream is as it was, it is above 0.99 in one timestep of a hundred. None while too little is known.")]
    public double? Anomaly { get; init; }

    internal static ComparisonDocument From(Comparison comparison) => new()
    {
        Residuals = comparison.Residuals,
        Deviations = comparison.Deviations,
        Surprisal = comparison.Surprisal,
        Anomaly = comparison.Anomaly,
    };
}

/// <summary>The output of a timestep in the user's terms: a label, the next token, or values.</summary>
public sealed record OutputDocument
{
    [Description("The word that the output is of, of a model of words with features that tells every timestep's.")]
    public string? Word { get; init; }

    [Description("The most probable class.")]
    public string? Label { get; init; }

    [Description("The most probable next token's text.")]
    public string? Text { get; init; }

    [Description("The most probable next token's index.")]
    public int? Token { get; init; }

    [Description("The probability of the label or token, 0 to 1.")]
    public float? Probability { get; init; }

    [Description("The most probable labels or tokens, in falling order.")]
    public IReadOnlyList<CandidateDocument>? Candidates { get; init; }

    [Description("The values in the user's units, in the order of the model's outputs; of a model that tells distributions, their medians.")]
    public float[]? Values { get; init; }

    [Description("What each value is above with a probability of 90 %, of a model that tells distributions.")]
    public float[]? Lower { get; init; }

    [Description("What each value is below with a probability of 90 %, of a model that tells distributions.")]
    public float[]? Upper { get; init; }

    [Description("The outputs by name, of a model that has several.")]
    public IReadOnlyDictionary<string, OutputDocument>? Heads { get; init; }

    internal static OutputDocument From(Output output, bool areTokens) => output switch
    {
        NamedOutputs named => new() { Heads = named.Outputs.ToDictionary(head => head.Key, head => From(head.Value, areTokens: false)) },
        Distribution distribution => From(distribution, areTokens),
        ValueVector values => new() { Values = values.Values },
        Spread spread => new() { Values = spread.Values, Lower = spread.Lower, Upper = spread.Upper },
        _ => throw new UnreachableException($"No document for {output.GetType()}. This is a bug."),
    };

    static OutputDocument From(Distribution distribution, bool areTokens)
    {
        var candidates = distribution.Candidates.Select(candidate => CandidateDocument.From(candidate, areTokens)).ToArray();
        var best = candidates[0];
        return new()
        {
            Label = best.Label,
            Text = best.Text,
            Token = best.Token,
            Probability = best.Probability,
            Candidates = candidates,
        };
    }
}

/// <summary>A label or a token with its probability.</summary>
public sealed record CandidateDocument
{
    [Description("The class.")]
    public string? Label { get; init; }

    [Description("The token's text.")]
    public string? Text { get; init; }

    [Description("The token's index.")]
    public int? Token { get; init; }

    [Description("0 to 1.")]
    public required float Probability { get; init; }

    internal static CandidateDocument From(Candidate candidate, bool isToken) => isToken
        ? new() { Text = candidate.Text, Token = candidate.Index, Probability = candidate.Probability }
        : new() { Label = candidate.Text, Probability = candidate.Probability };
}

/// <summary>The reply to a generation that is not streamed.</summary>
public sealed record GenerationResponse : TracedResponse
{
    [Description("What was generated; the prompt before it only if echo asks for it.")]
    public string? Text { get; init; }

    [Description("The generated values of each timestep, in the user's units.")]
    public IReadOnlyList<float[]>? Values { get; init; }

    [Description("Why it ended: length, stop, end or pattern.")]
    public required string Finish { get; init; }

    [Description("Give it again to draw the same text.")]
    public ulong? Seed { get; init; }

    [Description("The tokens of the text, if log-probabilities were asked for.")]
    public IReadOnlyList<TokenDocument>? Tokens { get; init; }

    [Description("All that was generated, if n is above 1, or of a beam search. Text, finish and seed beside it are those of the first.")]
    public IReadOnlyList<ChoiceDocument>? Choices { get; init; }
}

/// <summary>One event of a streamed generation. The last one is of type <c>end</c> and holds finish, seed and, if asked for, state.</summary>
public sealed record GenerationEvent
{
    [Description("How many timesteps led to the state after this one.")]
    public long? Step { get; init; }

    [Description("What this timestep adds to the text.")]
    public string? Text { get; init; }

    [Description("The token's index.")]
    public int? Token { get; init; }

    [Description("What the model gave the token before temperature, top-k and top-p.")]
    public float? Probability { get; init; }

    [Description("The token's natural log-probability, if it was asked for.")]
    public float? LogProbability { get; init; }

    [Description("The most probable tokens in its place, if they were asked for.")]
    public IReadOnlyList<TokenDocument>? Top { get; init; }

    [Description("To which generation it belongs, if n is above 1, or of a beam search.")]
    public int? Choice { get; init; }

    [Description("What the layers computed, if it was asked for: in the first event also at the prompt's timesteps; in the last, what was found in all of them.")]
    public TraceDocument? Trace { get; init; }

    [Description("The generated values, in the user's units.")]
    public float[]? Values { get; init; }

    [Description("Why the generation ended: length, stop, end or pattern. Only in the last event.")]
    public string? Finish { get; init; }

    [Description("Give it again to draw the same text. Only in the last event.")]
    public ulong? Seed { get; init; }

    [Description("How each generation came out, if there are several, or of a beam search. Only in the last event.")]
    public IReadOnlyList<ChoiceDocument>? Choices { get; init; }

    [Description("How many timesteps of the session were replayed before, as its model has other weights now. Only in the last event.")]
    public int? Replayed { get; init; }

    [Description("The state after the generation, if it was asked for. Only in the last event.")]
    public StateDocument? State { get; init; }

    [Description("What went wrong. Only in an event of type error, which is then the last.")]
    public string? Error { get; init; }
}
