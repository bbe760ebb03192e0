using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Rnn.Engine;
using Rnn.Engine.Prediction;

namespace Rnn.Api.Rest;

/// <summary>A text whose probability is asked for.</summary>
public sealed record ScoreRequest
{
    [Description("Text, for a model of characters or words.")]
    public string? Text { get; init; }

    [Description("Token indices, instead of text.")]
    public IReadOnlyList<int>? Tokens { get; init; }

    [Description("Of an encoder-decoder, the text that it reads before; a session has read one, so there it may be left out.")]
    public string? Source { get; init; }

    [Description("The model's version; its highest if left out. Only on a stateless call: a session has its own.")]
    public int? Version { get; init; }

    [Description("The state to begin from, as an earlier reply returned it; zero if left out. Only on a stateless call.")]
    public StateDocument? State { get; init; }

    [Description("How many of the most probable tokens to tell in each token's place."), Range(0, ChoiceOptions.MaxTop)]
    public int Top { get; init; }

    /// <summary>This request as a call on a model, from the given or the zero state.</summary>
    internal InferenceRequest OnModel(string model, StateForms states) => new()
    {
        Model = model,
        Version = Version,
        From = State is null ? null : layout => states.Read(State, layout, "/state"),
        Input = new() { Text = Text, Tokens = Tokens },
        Source = Source is null ? null : new() { Text = Source },
        ScoredTop = Top,
    };

    /// <summary>This request as a call on a session, which stays where it is.</summary>
    internal InferenceRequest OnSession(SessionChange call) => this switch
    {
        { Version: not null } => throw EngineException.Input("/version", "A session has a version of its own; leave it out."),
        { State: not null } => throw EngineException.Input("/state", "A session has a state of its own; leave it out."),
        _ => new()
        {
            Session = call.Id,
            ExpectedTag = call.ExpectedTag,
            Commits = false,
            Input = new() { Text = Text, Tokens = Tokens },
            Source = Source is null ? null : new() { Text = Source },
            ScoredTop = Top,
        },
    };
}

/// <summary>How probable a text is.</summary>
public sealed record ScoreResponse
{
    [Description("The model that ran.")]
    public required string Model { get; init; }

    [Description("Its version.")]
    public required int Version { get; init; }

    [Description("The session, which stays where it is; none on a stateless call.")]
    public string? Session { get; init; }

    [Description("How many timesteps led to the state that the text was scored from.")]
    public required long Step { get; init; }

    [Description("The sum of the log-probabilities of the tokens that are scored.")]
    public required double LogProbability { get; init; }

    [Description("How many tokens are scored: all, or all but the first if nothing comes before it.")]
    public required int Scored { get; init; }

    [Description("exp(-logProbability / scored); none if no token is scored.")]
    public double? Perplexity { get; init; }

    [Description("-logProbability / scored / ln 2; none if no token is scored.")]
    public double? BitsPerToken { get; init; }

    [Description("Each token with its log-probability.")]
    public required IReadOnlyList<TokenDocument> Tokens { get; init; }
}
