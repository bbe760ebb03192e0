using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sampling;

namespace Rnn.Api.Rest;

/// <summary>
/// What every prediction takes: input, and on a stateless call the model's version and the state to begin from. Properties
/// with a default of their own have a setter, as generated JSON code sets a missing init-only property to default(T).
/// </summary>
public abstract record PredictionRequest
{
    [Description("Text, for a model of characters or words.")]
    public string? Text { get; init; }

    [Description("Token indices, for a model of characters, words or tokens; instead of text.")]
    public IReadOnlyList<int>? Tokens { get; init; }

    [Description("The model's version; its default if left out. Only on a stateless call: a session has its own.")]
    public int? Version { get; init; }

    [Description("The state to begin from, as an earlier reply returned it; zero if left out. Only on a stateless call.")]
    public StateDocument? State { get; init; }

    [Description("Whether the reply holds the state after the call.")]
    public bool ReturnState { get; init; }

    [Description("Whether the session moves on. If false, the reply is what it would be, and the session stays where it is. Only on a session.")]
    [DefaultValue(true)]
    public bool Commit { get; set; } = true;

    /// <summary>This request as a call on a model, from the given or the zero state.</summary>
    internal InferenceRequest OnModel(string model, StateForms states) => Commit
        ? Complete(new()
        {
            Model = model,
            Version = Version,
            From = State is null ? null : layout => states.Read(State, layout, "/state"),
            ReturnsState = ReturnState,
        })
        : throw EngineException.Input("/commit", "Only a session can be committed; a call on a model leaves nothing behind.");

    /// <summary>This request as a call on a session.</summary>
    internal InferenceRequest OnSession(SessionCall call) => this switch
    {
        { Version: not null } => throw EngineException.Input("/version", "A session has a version of its own; leave it out."),
        { State: not null } => throw EngineException.Input("/state", "A session has a state of its own; leave it out, or put it with PUT state."),
        _ => Complete(new()
        {
            Session = call.Id,
            ExpectedTag = call.ExpectedTag,
            Call = Commit ? call.KeyFor(this) : null,
            Commits = Commit,
        }),
    };

    private protected abstract InferenceRequest Complete(InferenceRequest request);
}

/// <summary>One timestep.</summary>
public sealed record StepRequest : PredictionRequest
{
    [Description("One vector of numbers in the user's units, for a model of numeric features.")]
    public IReadOnlyList<double>? Values { get; init; }

    [Description("How many candidates a distribution lists."), Range(1, int.MaxValue), DefaultValue(5)]
    public int Top { get; set; } = 5;

    [Description("Shows what the layers compute: hidden and cell state, gates, candidate, logits.")]
    public TraceRequest? Trace { get; init; }

    private protected override InferenceRequest Complete(InferenceRequest request) => request with
    {
        Input = new() { Text = Text, Tokens = Tokens, Vector = Values },
        IsSingleStep = true,
        Top = Top,
        Trace = Trace?.ToOptions(),
    };
}

/// <summary>A timestep of a stream that is watched.</summary>
public sealed record ObserveRequest : PredictionRequest
{
    [Description("What came: one vector of numbers in the user's units. Null stands for a target that is missing; the model's prediction is then read for it, and nothing is compared.")]
    public IReadOnlyList<double?>? Values { get; init; }

    private protected override InferenceRequest Complete(InferenceRequest request) => (Text, Tokens) is (null, null)
        ? request with { Observed = Values ?? [], IsSingleStep = true }
        : throw EngineException.Input(Text is null ? "/tokens" : "/text", "A stream is watched by its numbers; give them in 'values'.");
}

/// <summary>Several timesteps.</summary>
public sealed record SequenceRequest : PredictionRequest
{
    [Description("The words of a text one by one, for a model of words with features; instead of text.")]
    public IReadOnlyList<string>? Words { get; init; }

    [Description("One vector of numbers for each timestep, in the user's units, for a model of numeric features.")]
    public IReadOnlyList<IReadOnlyList<double>>? Values { get; init; }

    [Description("Whether to reply with the last timestep's output (many-to-one) or with every timestep's (many-to-many).")]
    [DefaultValue(Readout.Last), JsonConverter(typeof(ReadoutConverter))]
    public Readout Return { get; set; } = Readout.Last;

    [Description("How many candidates a distribution lists."), Range(1, int.MaxValue), DefaultValue(5)]
    public int Top { get; set; } = 5;

    [Description("Shows what the layers compute at each timestep: hidden and cell state, gates, candidate, logits.")]
    public TraceRequest? Trace { get; init; }

    private protected override InferenceRequest Complete(InferenceRequest request) => request with
    {
        Input = new() { Text = Text, Tokens = Tokens, Words = Words, Values = Values },
        Readout = Return,
        Top = Top,
        Trace = Trace?.ToOptions(),
    };
}

/// <summary>A generation: the input is the prompt, and each output becomes the next input.</summary>
public sealed record GenerateRequest : PredictionRequest
{
    [Description("The prompt of a model of numeric features: one vector for each timestep, in the user's units.")]
    public IReadOnlyList<IReadOnlyList<double>>? Values { get; init; }

    [Description("Most timesteps to generate."), Range(1, int.MaxValue), DefaultValue(256)]
    public int MaxLength { get; set; } = 256;

    [Description("Divides the logits: below 1 sharpens, above 1 flattens, 0 always takes the most probable token.")]
    [Range(0.0, 10.0), DefaultValue(1.0)]
    public double Temperature { get; set; } = 1;

    [Description("Draw only from the k most probable tokens; all if left out."), Range(1, int.MaxValue)]
    public int? TopK { get; init; }

    [Description("Draw only from the most probable tokens that together reach this probability (nucleus sampling).")]
    [Range(0.0, 1.0), DefaultValue(1.0)]
    public double TopP { get; set; } = 1;

    [Description("Draw only from tokens at least this many times as probable as the most probable one (min-p).")]
    [Range(0.0, 1.0), DefaultValue(0.0)]
    public double MinP { get; init; }

    [Description("Draw only from the tokens whose surprise is nearest to the expected one, which together reach this probability (locally typical sampling).")]
    [Range(0.0, 1.0), DefaultValue(1.0)]
    public double TypicalP { get; set; } = 1;

    [Description("Above 1, tokens that the prompt or the generated text has are less probable: positive logits are divided by it, negative ones multiplied.")]
    [Range(SamplingOptions.MinRepetitionPenalty, SamplingOptions.MaxRepetitionPenalty), DefaultValue(1.0)]
    public double RepetitionPenalty { get; set; } = 1;

    [Description("Taken off the logit of each token that the generated text has; the prompt does not count.")]
    [Range(-SamplingOptions.MaxPenalty, SamplingOptions.MaxPenalty), DefaultValue(0.0)]
    public double PresencePenalty { get; init; }

    [Description("Taken off the logit of a token each time that the generated text has it; the prompt does not count.")]
    [Range(-SamplingOptions.MaxPenalty, SamplingOptions.MaxPenalty), DefaultValue(0.0)]
    public double FrequencyPenalty { get; init; }

    [Description("Added to the logits of tokens, -100 to 100 each; a token is named by its text, or by its index if no token has that text.")]
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }

    [Description("A regular expression that the whole generated text matches; no token is drawn after which it could not.")]
    [MaxLength(SamplingOptions.MaxPatternLength)]
    public string? Pattern { get; init; }

    [Description("The same seed draws the same text. A fresh one is taken if left out; the reply tells which.")]
    public ulong? Seed { get; init; }

    [Description("Texts that end the generation; they are not part of it.")]
    public IReadOnlyList<string>? Stop { get; init; }

    [Description("Tells of each token its natural log-probability in the model's own distribution, and so many of the most probable alternatives.")]
    [Range(0, ChoiceOptions.MaxTop)]
    public int? LogProbabilities { get; init; }

    [Description("Whether text and tokens begin with the prompt's.")]
    public bool Echo { get; init; }

    [Description("How many generations to reply with: drawn side by side, each with a seed of its own, or the best of a beam search.")]
    [Range(1, ChoiceOptions.MaxBeams), DefaultValue(1)]
    public int N { get; set; } = 1;

    [Description("How many to draw, of which the n with the highest log-probability per token are told."), Range(1, ChoiceOptions.MaxBestOf)]
    public int? BestOf { get; init; }

    [Description("Looks for the most probable text with so many hypotheses, instead of drawing; n is then up to as many."), Range(1, ChoiceOptions.MaxBeams)]
    public int? Beams { get; init; }

    [Description("Hypotheses of a beam search are ranked by their log-probability over their length to this power; 0 if left out.")]
    [Range(0.0, ChoiceOptions.MaxLengthPenalty)]
    public double? LengthPenalty { get; init; }

    [Description("Whether to send each timestep as a server-sent event as soon as it is drawn.")]
    public bool Stream { get; init; }

    [Description("Shows what the layers compute at each timestep, the prompt's included.")]
    public TraceRequest? Trace { get; init; }

    private protected override InferenceRequest Complete(InferenceRequest request) => request with
    {
        Input = new() { Text = Text, Tokens = Tokens, Values = Values },
        Trace = Trace?.ToOptions(),
        Generation = new()
        {
            MaxLength = MaxLength,
            Stop = Stop ?? [],
            Sampling = new()
            {
                Temperature = Temperature,
                TopK = TopK,
                TopP = TopP,
                MinP = MinP,
                TypicalP = TypicalP,
                RepetitionPenalty = RepetitionPenalty,
                PresencePenalty = PresencePenalty,
                FrequencyPenalty = FrequencyPenalty,
                LogitBias = LogitBias ?? new Dictionary<string, double>(),
                Pattern = Pattern,
                Seed = Seed,
            },
            Choice = new()
            {
                LogProbabilities = LogProbabilities,
                Echo = Echo,
                N = N,
                BestOf = BestOf,
                Beams = Beams,
                LengthPenalty = LengthPenalty,
            },
        },
    };
}

/// <summary>Writes <see cref="Readout"/> as <c>last</c> or <c>all</c>.</summary>
sealed class ReadoutConverter() : JsonStringEnumConverter<Readout>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
