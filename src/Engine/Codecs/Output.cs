namespace Rnn.Engine.Codecs;

/// <summary>The output of one timestep in the user's terms.</summary>
public abstract record Output;

/// <summary>Probabilities of classes or of the next token, the most probable first, as many as were asked for.</summary>
/// <param name="Candidates">At least one.</param>
/// <param name="Probabilities">Those of all, by index, [O].</param>
public sealed record Distribution(IReadOnlyList<Candidate> Candidates, ReadOnlyMemory<float> Probabilities) : Output;

/// <summary>A class or a token with its probability.</summary>
/// <param name="Index">Its index in the network's output.</param>
/// <param name="Text">The label or the token's text.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct Candidate(int Index, string Text, float Probability);

/// <summary>Values in the user's units, in the order of the model's outputs.</summary>
/// <param name="Values">One for each output.</param>
public sealed record ValueVector(float[] Values) : Output;

/// <summary>Values with an interval around each, in the user's units, in the order of the model's outputs.</summary>
/// <param name="Values">The medians.</param>
/// <param name="Lower">The quantiles of <see cref="ProbabilisticHead.Tail"/>.</param>
/// <param name="Upper">The quantiles of 1 - <see cref="ProbabilisticHead.Tail"/>.</param>
public sealed record Spread(float[] Values, float[] Lower, float[] Upper) : Output;

/// <summary>A piece of generated text.</summary>
/// <param name="Token">The index of the token, or null for the part of a token before a stop string.</param>
/// <param name="Text">What it adds to the text.</param>
/// <param name="Probability">What the model gave it before temperature, top-k and top-p; null if the text was given, not drawn.</param>
public sealed record Generated(int? Token, string Text, float? Probability) : Output
{
    /// <summary>How probable the token was, and what else could have come; null if that was not asked for.</summary>
    public TokenScore? Score { get; init; }
}

/// <summary>How probable a token was in the model's own distribution: before temperature, top-k and top-p.</summary>
/// <param name="LogProbability">log p, natural; null if the model says nothing of what comes first.</param>
/// <param name="Top">The most probable tokens in its place, in falling order, as many as were asked for.</param>
public sealed record TokenScore(float? LogProbability, IReadOnlyList<ScoredToken> Top);

/// <summary>A token that could have come.</summary>
/// <param name="Token">Its index.</param>
/// <param name="Text">What it would have added to the text.</param>
/// <param name="LogProbability">log p, natural.</param>
public readonly record struct ScoredToken(int Token, string Text, float LogProbability);

/// <summary>Several outputs of different kinds, by name.</summary>
/// <param name="Outputs">In the model's order.</param>
public sealed record NamedOutputs(IReadOnlyList<KeyValuePair<string, Output>> Outputs) : Output;
