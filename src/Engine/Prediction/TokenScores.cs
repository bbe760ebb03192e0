using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling.Patterns;

namespace Rnn.Engine.Prediction;

/// <summary>The log-probabilities of what may come next, in the model's own distribution.</summary>
/// <param name="model">A model of tokens.</param>
/// <param name="top">How many alternatives are told of a token; null to tell nothing.</param>
sealed class TokenScores(RecurrentModel model, int? top)
{
    readonly TokenCodec _codec = (TokenCodec)model.Input;
    readonly NextTokenHead _head = (NextTokenHead)model.Output;
    readonly float[] _logs = new float[model.Output.Size];

    /// <summary>Takes the network's output before the token, [V].</summary>
    public void Read(ReadOnlySpan<float> output) => _head.LogProbabilities(output, _logs);

    /// <summary>log p of a token.</summary>
    public float LogProbabilityOf(int token) => _logs[token];

    /// <summary>The most probable tokens, in falling order.</summary>
    public int[] MostProbable(int count) => Prediction.MostProbable.Of(_logs, count);

    /// <summary>The most probable tokens that may come, in falling order; with no pattern all may.</summary>
    /// <inheritdoc cref="TokenPattern.Mask" path="/param"/>
    public int[] MostProbable(int count, TokenPattern? pattern, int place, int left)
    {
        if (pattern is null)
        {
            return MostProbable(count);
        }

        float[] allowed = [.. _logs];
        pattern.Mask(place, left, allowed);
        return [.. Prediction.MostProbable.Of(allowed, count).Where(token => !float.IsNegativeInfinity(allowed[token]))];
    }

    /// <summary>The alternatives that are told of whichever token comes; null if nothing is told.</summary>
    /// <param name="isFirst">Whether it begins the text.</param>
    public IReadOnlyList<ScoredToken>? Top(bool isFirst) => top is { } count
        ? [.. MostProbable(count).Select(token => new ScoredToken(token, _codec.TextOf(token, isFirst), _logs[token]))]
        : null;

    /// <summary>What is told of a token; null if nothing is.</summary>
    /// <param name="token">Its index.</param>
    /// <param name="isFirst">Whether it begins the text.</param>
    public TokenScore? Of(int token, bool isFirst) => Top(isFirst) is { } alternatives ? new(_logs[token], alternatives) : null;
}
