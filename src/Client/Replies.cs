using System.Text.Json.Serialization;

namespace Rnn.Client;

/// <summary>What every reply tells of the call: who ran, and where the state is now.</summary>
public abstract record RunReply
{
    /// <summary>The model that ran.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its version.</summary>
    public int Version { get; init; }

    /// <summary>The session; null on a stateless call.</summary>
    public string? Session { get; init; }

    /// <summary>False if the session was left where it was, as asked for.</summary>
    public bool? Committed { get; init; }

    /// <summary>How many timesteps led to the state after the call.</summary>
    public long Step { get; init; }

    /// <summary>How many timesteps of the session were replayed before, as its model has other weights now; null if none were.</summary>
    public int? Replayed { get; init; }

    /// <summary>The state after the call, if it was asked for.</summary>
    public StateDocument? State { get; init; }

    /// <summary>Where the session is, to be given as <see cref="CallOptions.IfMatch"/>; null on a stateless call.</summary>
    [JsonIgnore]
    public string? Tag { get; internal set; }

    /// <summary>Whether this is what the call was answered when it came first.</summary>
    [JsonIgnore]
    public bool IsReplayed { get; internal set; }
}

/// <summary>The reply to a step or a sequence.</summary>
public sealed record Prediction : RunReply
{
    /// <summary>The output of the last timestep.</summary>
    public Output Output { get; init; } = new();

    /// <summary>The output of every timestep, if all were asked for.</summary>
    public IReadOnlyList<Output>? Outputs { get; init; }

    /// <summary>What the layers computed, if it was asked for.</summary>
    public Trace? Trace { get; init; }
}

/// <summary>The reply to an observation.</summary>
public sealed record Observation : RunReply
{
    /// <summary>What had been predicted for this timestep; null for the first.</summary>
    public Output? Predicted { get; init; }

    /// <summary>How that compares with what came; null for the first timestep, or if nothing came.</summary>
    public Comparison? Comparison { get; init; }

    /// <summary>What is predicted for the next timestep.</summary>
    public Output Output { get; init; } = new();
}

/// <summary>What came against what had been predicted.</summary>
public sealed record Comparison
{
    /// <summary>What came less the prediction, of each target in its unit.</summary>
    public IReadOnlyList<double?> Residuals { get; init; } = [];

    /// <summary>The running standard deviation of the residuals, of each target.</summary>
    public IReadOnlyList<double?> Deviations { get; init; } = [];

    /// <summary>How unlikely what came was: -ln p, in nats, with the density p of the scaled values.</summary>
    public double? Surprisal { get; init; }

    /// <summary>The calibrated anomaly score, 0 to 1: as long as the stream is as it was, it is above 0.99 in one timestep of a hundred.</summary>
    public double? Anomaly { get; init; }
}

/// <summary>The output of a timestep in the user's terms: a label, the next token, or values.</summary>
public sealed record Output
{
    /// <summary>The word that the output is of, of a model of words with features that tells every timestep's.</summary>
    public string? Word { get; init; }

    /// <summary>The most probable class.</summary>
    public string? Label { get; init; }

    /// <summary>The most probable next token's text.</summary>
    public string? Text { get; init; }

    /// <summary>The most probable next token's index.</summary>
    public int? Token { get; init; }

    /// <summary>The probability of the label or token, 0 to 1.</summary>
    public float? Probability { get; init; }

    /// <summary>The most probable labels or tokens, in falling order.</summary>
    public IReadOnlyList<Candidate>? Candidates { get; init; }

    /// <summary>The values in the user's units, or the medians of their distributions.</summary>
    public IReadOnlyList<float>? Values { get; init; }

    /// <summary>What each value is above with a probability of 90 %.</summary>
    public IReadOnlyList<float>? Lower { get; init; }

    /// <summary>What each value is below with a probability of 90 %.</summary>
    public IReadOnlyList<float>? Upper { get; init; }

    /// <summary>The outputs by name, of a model that has several.</summary>
    public IReadOnlyDictionary<string, Output>? Heads { get; init; }
}

/// <summary>A label or a token with its probability.</summary>
public sealed record Candidate
{
    /// <summary>The class.</summary>
    public string? Label { get; init; }

    /// <summary>The token's text.</summary>
    public string? Text { get; init; }

    /// <summary>The token's index.</summary>
    public int? Token { get; init; }

    /// <summary>0 to 1.</summary>
    public float Probability { get; init; }
}

/// <summary>The reply to a generation.</summary>
public sealed record Generation : RunReply
{
    /// <summary>What was generated, without the prompt.</summary>
    public string? Text { get; init; }

    /// <summary>The generated values of each timestep, in the user's units.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Values { get; init; }

    /// <summary>Why it ended.</summary>
    public string Finish { get; init; } = "";

    /// <summary>Draws the same again.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The tokens of the text, if log-probabilities were asked for.</summary>
    public IReadOnlyList<Token>? Tokens { get; init; }

    /// <summary>All that was generated, if n is above 1, or of a beam search; text, finish and seed are those of the first.</summary>
    public IReadOnlyList<Choice>? Choices { get; init; }

    /// <summary>What the layers computed at each timestep, those of the prompt first, if it was asked for.</summary>
    public Trace? Trace { get; init; }
}

/// <summary>One of several generations.</summary>
public sealed record Choice
{
    /// <summary>Its number, from 0; the best is first if they are ranked.</summary>
    public int Index { get; init; }

    /// <summary>What was generated. In a stream the events have told it.</summary>
    public string? Text { get; init; }

    /// <summary>Why it ended.</summary>
    public string Finish { get; init; } = "";

    /// <summary>The sum of the natural log-probabilities of its tokens.</summary>
    public double LogProbability { get; init; }

    /// <summary>What it is ranked by.</summary>
    public double Score { get; init; }

    /// <summary>Draws it again, alone.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Its tokens, if log-probabilities were asked for.</summary>
    public IReadOnlyList<Token>? Tokens { get; init; }
}

/// <summary>A token of a text, and how probable it was in the model's own distribution.</summary>
public sealed record Token
{
    /// <summary>Its index; null for the part of a token before a stop string.</summary>
    [JsonPropertyName("token")]
    public int? Index { get; init; }

    /// <summary>What it adds to the text.</summary>
    public string Text { get; init; } = "";

    /// <summary>Its natural log-probability; null for a first token of which the model says nothing.</summary>
    public float? LogProbability { get; init; }

    /// <summary>The most probable tokens in its place, as many as were asked for.</summary>
    public IReadOnlyList<Token>? Top { get; init; }
}

/// <summary>How probable a text is.</summary>
public sealed record Score
{
    /// <summary>The model that ran.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its version.</summary>
    public int Version { get; init; }

    /// <summary>The session, which stays where it is; null on a stateless call.</summary>
    public string? Session { get; init; }

    /// <summary>How many timesteps led to the state that the text was scored from.</summary>
    public long Step { get; init; }

    /// <summary>The sum of the log-probabilities of the tokens that are scored.</summary>
    public double LogProbability { get; init; }

    /// <summary>How many tokens are scored.</summary>
    public int Scored { get; init; }

    /// <summary>exp(-log-probability / scored); null if no token is scored.</summary>
    public double? Perplexity { get; init; }

    /// <summary>-log-probability / scored / ln 2; null if no token is scored.</summary>
    public double? BitsPerToken { get; init; }

    /// <summary>Each token with its log-probability.</summary>
    public IReadOnlyList<Token> Tokens { get; init; } = [];
}

/// <summary>One event of a streamed generation; the last one tells <see cref="Finish"/>.</summary>
public sealed record GenerationEvent
{
    /// <summary>How many timesteps led to the state after this one.</summary>
    public long? Step { get; init; }

    /// <summary>What this timestep adds to the text.</summary>
    public string? Text { get; init; }

    /// <summary>The token's index.</summary>
    public int? Token { get; init; }

    /// <summary>What the model gave the token before temperature, top-k and top-p.</summary>
    public float? Probability { get; init; }

    /// <summary>The token's natural log-probability, if it was asked for.</summary>
    public float? LogProbability { get; init; }

    /// <summary>The most probable tokens in its place, if they were asked for.</summary>
    public IReadOnlyList<Token>? Top { get; init; }

    /// <summary>To which generation it belongs, if there are several.</summary>
    public int? Choice { get; init; }

    /// <summary>How each generation came out, if there are several. Only in the last event.</summary>
    public IReadOnlyList<Choice>? Choices { get; init; }

    /// <summary>The generated values, in the user's units.</summary>
    public IReadOnlyList<float>? Values { get; init; }

    /// <summary>Why the generation ended. Only in the last event.</summary>
    public string? Finish { get; init; }

    /// <summary>Draws the same again. Only in the last event.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How many timesteps of the session were replayed before. Only in the last event.</summary>
    public int? Replayed { get; init; }

    /// <summary>The state after the generation, if it was asked for. Only in the last event.</summary>
    public StateDocument? State { get; init; }

    /// <summary>What went wrong; becomes an exception.</summary>
    [JsonInclude]
    internal string? Error { get; init; }

    /// <summary>What the layers computed, if it was asked for: in the first event also at the prompt's timesteps; in the last, what was found in all of them.</summary>
    public Trace? Trace { get; init; }
}

/// <summary>A recurrent state by layer.</summary>
public sealed record StateDocument
{
    /// <summary>Identifies the model whose state it is.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>How many timesteps led to it.</summary>
    public long Step { get; init; }

    /// <summary>The layers; one that is left out is zero.</summary>
    public IReadOnlyList<LayerState> Layers { get; init; } = [];

    /// <summary>The server's signature, if it signs what it gives out.</summary>
    public byte[]? Signature { get; init; }
}

/// <summary>The state of one layer.</summary>
public sealed record LayerState
{
    /// <summary>The layer's name.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The hidden state h.</summary>
    public IReadOnlyList<float>? Hidden { get; init; }

    /// <summary>The cell state c of an LSTM layer.</summary>
    public IReadOnlyList<float>? Cell { get; init; }

    /// <summary>What an attention layer looks up.</summary>
    public IReadOnlyList<float>? Memory { get; init; }

    /// <summary>How many timesteps of its memory an attention layer looks at.</summary>
    public IReadOnlyList<float>? Length { get; init; }

    /// <summary>Running moments of what came, or what a monitor has learnt.</summary>
    public IReadOnlyList<float>? Statistics { get; init; }
}

/// <summary>Where a session stands.</summary>
public sealed record SessionInfo
{
    /// <summary>Its ID.</summary>
    public string Id { get; init; } = "";

    /// <summary>The model it runs on.</summary>
    public string Model { get; init; } = "";

    /// <summary>The model's version.</summary>
    public int Version { get; init; }

    /// <summary>How many timesteps it has taken.</summary>
    public long Step { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it was last used.</summary>
    public DateTimeOffset LastUsed { get; init; }

    /// <summary>When it ends unless it is used before.</summary>
    public DateTimeOffset Expires { get; init; }

    /// <summary>Seconds that it lives after its last use.</summary>
    public double TimeToLive { get; init; }

    /// <summary>About how many bytes it takes.</summary>
    public long Bytes { get; init; }

    /// <summary>How many earlier states it keeps at most.</summary>
    public int? History { get; init; }

    /// <summary>The earliest step whose state it keeps now.</summary>
    public long? EarliestStep { get; init; }

    /// <summary>The inputs of how many timesteps it keeps at most.</summary>
    public int? KeptInputs { get; init; }

    /// <summary>Whether it can be replayed on other weights; null if it keeps no inputs.</summary>
    public bool? Replayable { get; init; }

    /// <summary>The step at which it could no longer be replayed; null if it can.</summary>
    public long? NotReplayableSince { get; init; }

    /// <summary>How many timesteps were replayed; null but after <see cref="RnnSession.ReplayAsync"/>.</summary>
    public int? Replayed { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The name of the model's state that it began with.</summary>
    public string? InitialState { get; init; }
}

/// <summary>A page of sessions.</summary>
sealed record SessionPage
{
    public IReadOnlyList<SessionInfo> Sessions { get; init; } = [];

    public string? Next { get; init; }
}

/// <summary>A model and how to talk to it; what else the server tells of it is at <c>GET /api/v1/models</c>.</summary>
public sealed record ModelInfo
{
    /// <summary>The name that calls use.</summary>
    public string Name { get; init; } = "";

    /// <summary>The version; the highest is the default.</summary>
    public int Version { get; init; }

    /// <summary>What it does.</summary>
    public string? Description { get; init; }

    /// <summary>The licence of its weights.</summary>
    public string? License { get; init; }

    /// <summary>Identifies the weights; a state is bound to it.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>The number of floats of one state.</summary>
    public int StateSize { get; init; }

    /// <summary>Whether it offers step and sessions; a bidirectional model offers sequence only.</summary>
    public bool Causal { get; init; }

    /// <summary>Whether it offers generate.</summary>
    public bool Generates { get; init; }
}
