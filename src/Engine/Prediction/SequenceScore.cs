namespace Rnn.Engine.Prediction;

/// <summary>How probable a sequence of tokens is.</summary>
/// <param name="LogProbability">The sum of log p, natural, over the tokens that are scored.</param>
/// <param name="Tokens">How many are: all but a first one of which the model says nothing.</param>
public sealed record SequenceScore(double LogProbability, int Tokens)
{
    /// <summary>exp(-log p / n): among how many equally probable tokens each could have been; null without tokens, or beyond float64.</summary>
    public double? Perplexity => Tokens > 0 && Math.Exp(-LogProbability / Tokens) is var perplexity && double.IsFinite(perplexity) ? perplexity : null;

    /// <summary>-log2 p / n; null without tokens.</summary>
    public double? BitsPerToken => Tokens > 0 ? -LogProbability / Tokens / Math.Log(2) : null;
}
