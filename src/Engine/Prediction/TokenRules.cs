using System.Globalization;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;
using Rnn.Engine.Sampling.Patterns;

namespace Rnn.Engine.Prediction;

/// <summary>What a request prefers and forbids, in a model's tokens. Made once for all generations of a request.</summary>
/// <param name="Biases">What is added to the logits of which tokens.</param>
/// <param name="Pattern">What the text matches; null for any text.</param>
sealed record TokenRules(IReadOnlyDictionary<int, float> Biases, TokenPattern? Pattern)
{
    /// <exception cref="EngineException">A token is unknown, or no text can match the pattern; the pointer says where.</exception>
    public static TokenRules Of(RecurrentModel model, GenerationOptions options, bool beginsText)
    {
        var codec = (TokenCodec)model.Input;
        return new(BiasesOf(codec.Vocabulary, options.Sampling.LogitBias), PatternOf(codec, options, beginsText));
    }

    static Dictionary<int, float> BiasesOf(Vocabulary vocabulary, IReadOnlyDictionary<string, double> named)
    {
        var biases = new Dictionary<int, float>();
        foreach (var (name, bias) in named)
        {
            var pointer = $"/logitBias/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (TokenOf(vocabulary, name) is not { } token)
            {
                throw EngineException.Input(
                    pointer, $"'{name}' is neither the text of a token of this model's vocabulary nor an index from 0 to {vocabulary.Count - 1}.");
            }

            if (!(Math.Abs(bias) <= SamplingOptions.MaxBias))
            {
                throw EngineException.Input(pointer, $"A bias must be -{SamplingOptions.MaxBias} to {SamplingOptions.MaxBias}.");
            }

            if (!biases.TryAdd(token, (float)bias))
            {
                throw EngineException.Input(pointer, $"'{name}' is token {token}, which has a bias already under another name.");
            }
        }

        return biases;
    }

    static int? TokenOf(Vocabulary vocabulary, string name) =>
        vocabulary.IndexOf(name)
        ?? (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < vocabulary.Count ? index : null);

    static TokenPattern? PatternOf(TokenCodec codec, GenerationOptions options, bool beginsText)
    {
        if (options.Sampling.Pattern is not { } pattern)
        {
            return null;
        }

        if (options.Stop.Count > 0)
        {
            throw EngineException.Input("/stop", "A stop string could cut the text off before it matches the pattern; leave stop out, or pattern.");
        }

        var tokens = Enumerable.Range(0, codec.Vocabulary.Count);
        string[] texts = [.. tokens.Select(token => codec.TextOf(token, isFirst: false))];
        string[] firstTexts = beginsText ? [.. tokens.Select(token => codec.TextOf(token, isFirst: true))] : texts;
        var compiled = new TokenPattern(PatternParser.Parse(pattern), texts, firstTexts, codec.Vocabulary.End);
        compiled.ExpectText(options.MaxLength);
        return compiled;
    }
}
