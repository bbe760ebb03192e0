using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;
using Rnn.Engine.Sampling.Patterns;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Draws the tokens of one text: penalties and bias change the logits, the pattern takes tokens out, and the sampler draws from the
/// softmax of what is left.
/// </summary>
/// <param name="model">A model of tokens.</param>
/// <param name="options">How to draw.</param>
/// <param name="rules">What the request prefers and forbids.</param>
/// <param name="prompt">What was read before; its tokens count for the repetition penalty.</param>
sealed class TokenDraw(RecurrentModel model, SamplingOptions options, TokenRules rules, InputSequence prompt)
{
    readonly NextTokenHead _head = (NextTokenHead)model.Output;
    readonly Sampler _sampler = new(options);
    readonly TokenPattern? _pattern = rules.Pattern;

    // None if neither changes the model's own distribution.
    readonly LogitPenalties? _penalties = options.HasPenalties || rules.Biases.Count > 0 || rules.Pattern is not null
        ? new(options, rules.Biases, prompt.At(0, prompt.Length).Tokens, model.Output.Size)
        : null;

    float[] _logits = [];
    int _place = TokenPattern.Start;

    /// <summary>What draws the same tokens again.</summary>
    public ulong Seed => _sampler.Seed;

    /// <summary>Draws the next token.</summary>
    /// <param name="output">The network's output, [V]; the model's own probabilities afterwards.</param>
    /// <param name="left">How many tokens may still come, this one included.</param>
    public int Next(Span<float> output, int left)
    {
        if (_penalties is null)
        {
            _head.Normalise(output, output);
            return _sampler.Sample(output);
        }

        if (_logits.Length == 0)
        {
            _logits = new float[output.Length];
        }

        _head.Logits(output, _logits);
        _head.Normalise(output, output);
        _penalties.Apply(_logits);
        _pattern?.Mask(_place, left, _logits);
        DistributionHead.Softmax(_logits, _logits);
        var token = _sampler.Sample(_logits);
        _penalties.Count(token);
        _place = _pattern?.After(_place, token) ?? _place;
        return token;
    }

    /// <summary>Whether the text matches the pattern and can't go on.</summary>
    /// <param name="left">How many tokens may still come.</param>
    public bool IsComplete(int left) => _pattern is not null && _pattern.Ends(_place, left);
}
