using System.Numerics.Tensors;

namespace Rnn.Engine.Sampling;

/// <summary>
/// Changes logits x by what the text has already, and by what the caller prefers:
/// <code>
/// x' = x / r if x > 0, x * r if not      for tokens that the prompt or the generated text has; r is the repetition penalty
/// x" = x' - presence * [c > 0] - frequency * c + bias      c is how often the generated text has the token
/// </code>
/// The repetition penalty is that of Keskar et al. 2019 as Hugging Face's transformers applies it; presence and frequency are OpenAI's.
/// </summary>
public sealed class LogitPenalties
{
    readonly SamplingOptions _options;
    readonly float[] _bias;
    readonly int[] _counts;
    readonly bool[] _isSeen;

    /// <param name="options">In range; see <see cref="SamplingOptions.Validate"/>.</param>
    /// <param name="biases">What is added to which tokens.</param>
    /// <param name="prompt">The tokens that were read before; indices below V.</param>
    /// <param name="size">V.</param>
    public LogitPenalties(SamplingOptions options, IReadOnlyDictionary<int, float> biases, ReadOnlySpan<int> prompt, int size)
    {
        (_options, _bias, _counts, _isSeen) = (options, new float[size], new int[size], new bool[size]);
        foreach (var (token, bias) in biases)
        {
            _bias[token] = bias;
        }

        foreach (var token in prompt)
        {
            _isSeen[token] = true;
        }
    }

    /// <summary>Changes the logits in place, [V]; they are finite afterwards.</summary>
    public void Apply(Span<float> logits)
    {
        if (_options.HasPenalties)
        {
            for (var token = 0; token < logits.Length; token++)
            {
                if (_isSeen[token])
                {
                    logits[token] = Penalised(logits[token], _counts[token]);
                }
            }
        }

        TensorPrimitives.Add(logits, _bias, logits);
        TensorPrimitives.MaxNumber(logits, float.MinValue, logits);       // also in place of a NaN
        TensorPrimitives.MinNumber(logits, float.MaxValue, logits);
    }

    /// <summary>Counts a token that was generated.</summary>
    public void Count(int token)
    {
        _isSeen[token] = true;
        _counts[token]++;
    }

    float Penalised(float logit, int count)
    {
        var repeated = logit > 0 ? logit / _options.RepetitionPenalty : logit * _options.RepetitionPenalty;
        return (float)(repeated - (count > 0 ? _options.PresencePenalty : 0) - _options.FrequencyPenalty * count);
    }
}
