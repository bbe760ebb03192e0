using System.Text.Json.Serialization;

namespace Rnn.Client;

/// <summary>
/// What every prediction takes: text or token indices for a model of characters or words, and where to begin. What is left null is
/// the server's default.
/// </summary>
public abstract record PredictionRequest
{
    /// <summary>Text, for a model of characters or words; of an encoder-decoder the source.</summary>
    public string? Text { get; init; }

    /// <summary>Token indices, instead of text.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>The model's version; its highest if null. Only on a stateless call.</summary>
    public int? Version { get; init; }

    /// <summary>The state to begin from, as an earlier reply gave it. Only on a stateless call.</summary>
    public StateDocument? State { get; init; }

    /// <summary>Whether the reply holds the state after the call.</summary>
    public bool? ReturnState { get; init; }

    /// <summary>False looks ahead: the session stays where it is. Only on a session.</summary>
    public bool? Commit { get; init; }
}

/// <summary>One timestep.</summary>
public sealed record StepRequest : PredictionRequest
{
    /// <summary>One vector in the user's units, for a model of numeric features.</summary>
    public IReadOnlyList<double>? Values { get; init; }

    /// <summary>How many candidates a distribution lists.</summary>
    public int? Top { get; init; }

    /// <summary>What to show of the layers.</summary>
    public TraceRequest? Trace { get; init; }
}

/// <summary>A timestep of a stream that is watched.</summary>
public sealed record ObserveRequest : PredictionRequest
{
    /// <summary>What came: one vector in the user's units. Null stands for a target that is missing.</summary>
    public IReadOnlyList<double?>? Values { get; init; }
}

/// <summary>Several timesteps.</summary>
public sealed record SequenceRequest : PredictionRequest
{
    /// <summary>The words of a text one by one, for a model of words with features; instead of text.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>One vector for each timestep, for a model of numeric features.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? Values { get; init; }

    /// <summary>The output of the last timestep, or of every one.</summary>
    public Readout? Return { get; init; }

    /// <summary>How many candidates a distribution lists.</summary>
    public int? Top { get; init; }

    /// <summary>What to show of the layers at each timestep.</summary>
    public TraceRequest? Trace { get; init; }
}

/// <summary>At which timesteps an output is read.</summary>
[JsonConverter(typeof(ReadoutConverter))]
public enum Readout
{
    /// <summary>At the last.</summary>
    Last,

    /// <summary>At every one.</summary>
    All,
}

/// <summary>A generation: the input is the prompt, and each output becomes the next input.</summary>
public sealed record GenerateRequest : PredictionRequest
{
    /// <summary>The prompt of a model of numeric features.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? Values { get; init; }

    /// <summary>Most timesteps to generate.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Divides the logits; 0 always takes the most probable token.</summary>
    public double? Temperature { get; init; }

    /// <summary>Draw only from the k most probable tokens.</summary>
    public int? TopK { get; init; }

    /// <summary>Draw only from the most probable tokens that together reach this probability.</summary>
    public double? TopP { get; init; }

    /// <summary>Draw only from tokens at least this many times as probable as the most probable one.</summary>
    public double? MinP { get; init; }

    /// <summary>Draw only from the tokens whose surprise is nearest to the expected one, which together reach this probability.</summary>
    public double? TypicalP { get; init; }

    /// <summary>Above 1, tokens that the prompt or the generated text has are less probable.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Taken off the logit of each token that the generated text has.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>Taken off the logit of a token each time that the generated text has it.</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens, each named by its text or its index.</summary>
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }

    /// <summary>A regular expression that the whole generated text matches.</summary>
    public string? Pattern { get; init; }

    /// <summary>The same seed draws the same text.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Texts that end the generation; they are not part of it.</summary>
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>Tells of each token its log-probability, and so many of the most probable alternatives.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Whether text and tokens begin with the prompt's.</summary>
    public bool? Echo { get; init; }

    /// <summary>Shows what the layers compute at each timestep, the prompt's included.</summary>
    public TraceRequest? Trace { get; init; }

    /// <summary>How many generations to tell.</summary>
    public int? N { get; init; }

    /// <summary>How many to draw, of which the n with the highest log-probability per token are told.</summary>
    public int? BestOf { get; init; }

    /// <summary>Looks for the most probable text with so many hypotheses, instead of drawing.</summary>
    public int? Beams { get; init; }

    /// <summary>Hypotheses of a beam search are ranked by their log-probability over their length to this power.</summary>
    public double? LengthPenalty { get; init; }

    [JsonInclude]
    internal bool? Stream { get; init; }
}

/// <summary>A text whose probability is asked for.</summary>
public sealed record ScoreRequest
{
    /// <summary>Text, for a model of characters or words.</summary>
    public string? Text { get; init; }

    /// <summary>Token indices, instead of text.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Of an encoder-decoder, the text that it reads before.</summary>
    public string? Source { get; init; }

    /// <summary>The model's version; its highest if null. Only on a stateless call.</summary>
    public int? Version { get; init; }

    /// <summary>The state to begin from. Only on a stateless call.</summary>
    public StateDocument? State { get; init; }

    /// <summary>How many of the most probable tokens to tell in each token's place.</summary>
    public int? Top { get; init; }
}

/// <summary>A session to create.</summary>
public sealed record CreateSessionRequest
{
    /// <summary>The model it runs on.</summary>
    public required string Model { get; init; }

    /// <summary>The model's version; its highest if null.</summary>
    public int? Version { get; init; }

    /// <summary>Its ID; a random one if null.</summary>
    public string? Id { get; init; }

    /// <summary>Seconds that it lives after its last use.</summary>
    public double? TimeToLive { get; init; }

    /// <summary>How many earlier states it keeps.</summary>
    public int? History { get; init; }

    /// <summary>The inputs of how many timesteps it keeps, to be replayed on other weights.</summary>
    public int? KeptInputs { get; init; }

    /// <summary>Names to find it by.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The name of the model's state to begin with.</summary>
    public string? InitialState { get; init; }

    /// <summary>The state to begin with.</summary>
    public StateDocument? State { get; init; }
}

/// <summary>A session to create from another; what is null is as in the other.</summary>
public sealed record ForkRequest
{
    /// <summary>The new session's ID; a random one if null.</summary>
    public string? Id { get; init; }

    /// <summary>An earlier step of the other that it keeps; null for where it is now.</summary>
    public long? Step { get; init; }

    /// <summary>Seconds that the new session lives after its last use.</summary>
    public double? TimeToLive { get; init; }

    /// <summary>How many earlier states the new session keeps.</summary>
    public int? History { get; init; }

    /// <summary>The inputs of how many timesteps the new session keeps.</summary>
    public int? KeptInputs { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

/// <summary>Where to go back to.</summary>
/// <param name="Step">An earlier step whose state is kept.</param>
sealed record RewindRequest(long Step);

/// <summary>Where to move to.</summary>
/// <param name="Version">The version; null for the default.</param>
/// <param name="By">What goes over.</param>
sealed record MoveRequest(int? Version, string By);

/// <summary>Writes <see cref="Readout"/> as the server reads it.</summary>
sealed class ReadoutConverter() : JsonStringEnumConverter<Readout>(System.Text.Json.JsonNamingPolicy.CamelCase);
