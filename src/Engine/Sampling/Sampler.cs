using System.Numerics.Tensors;

namespace Rnn.Engine.Sampling;

/// <summary>
/// Draws tokens: probabilities p are sharpened to p^(1/temperature), which is softmax(logits / temperature); then top-k,
/// top-p, min-p and locally typical sampling, in this order, each keep some of what the one before left, as if its sum was 1;
/// then one is drawn. Ties go to the lower index.
/// </summary>
public sealed class Sampler
{
    readonly SamplingOptions _options;
    readonly Pcg32 _random;
    float[] _weights = [];
    ulong[] _order = [];

    /// <param name="options">In range; see <see cref="SamplingOptions.Validate"/>.</param>
    public Sampler(SamplingOptions options)
    {
        Seed = options.Seed ?? Seeds.Fresh();
        _options = options;
        _random = new Pcg32(Seed);
    }

    /// <summary>What draws the same tokens again.</summary>
    public ulong Seed { get; }

    /// <summary>Draws a token.</summary>
    /// <param name="probabilities">The model's distribution, [V]; its sum is 1.</param>
    public int Sample(ReadOnlySpan<float> probabilities)
    {
        if (_options.Temperature == 0)
        {
            return TensorPrimitives.IndexOfMax(probabilities);
        }

        if (_weights.Length != probabilities.Length)
        {
            _weights = new float[probabilities.Length];
        }

        Sharpen(probabilities, _weights);
        if (_options.TopK is not null || _options.TopP < 1)
        {
            Cut(_weights);
        }

        if (_options.MinP > 0)
        {
            CutBelow((float)_options.MinP, _weights);
        }

        if (_options.TypicalP < 1)
        {
            CutUntypical(_weights);
        }

        return Draw(_weights);
    }

    /// <summary>w = (p / max p)^(1 / temperature).</summary>
    void Sharpen(ReadOnlySpan<float> probabilities, Span<float> weights)
    {
        TensorPrimitives.Log(probabilities, weights);
        TensorPrimitives.Subtract(weights, TensorPrimitives.Max(weights), weights);      // exactly 0 for the highest, however low the temperature
        TensorPrimitives.Multiply(weights, (float)(1 / _options.Temperature), weights);
        TensorPrimitives.Exp(weights, weights);
    }

    /// <summary>Sets the weights of all tokens to 0 that top-k and top-p leave out.</summary>
    void Cut(Span<float> weights)
    {
        MakeOrder(weights.Length);

        // Falling by weight, then rising by index, as one number: the bits of floats from 0 on rise as they do.
        for (var token = 0; token < weights.Length; token++)
        {
            _order[token] = ((ulong)~BitConverter.SingleToUInt32Bits(weights[token]) << 32) | (uint)token;
        }

        Array.Sort(_order);
        var byK = Math.Min(_options.TopK ?? _order.Length, _order.Length);
        foreach (var place in _order.AsSpan(Reach(_options.TopP, _order.AsSpan(0, byK), weights)))
        {
            weights[(int)(uint)place] = 0;
        }
    }

    /// <summary>Min-p (Nguyen et al. 2024): keeps w >= min-p * max w, and max w is 1.</summary>
    static void CutBelow(float least, Span<float> weights)
    {
        for (var token = 0; token < weights.Length; token++)
        {
            if (weights[token] < least)
            {
                weights[token] = 0;
            }
        }
    }

    /// <summary>
    /// Locally typical sampling (Meister et al. 2022): of the tokens in rising order of | -log p - H |, where
    /// H = -sum p log p is the entropy, keeps the first ones that together reach typical-p.
    /// </summary>
    void CutUntypical(Span<float> weights)
    {
        MakeOrder(weights.Length);
        var (sum, logs) = (0.0, 0.0);
        foreach (var weight in weights)
        {
            sum += weight;
            logs += weight > 0 ? weight * Math.Log(weight) : 0;
        }

        // With p = w / sum, H = log sum - (sum w log w) / sum, and -log p - H = (sum w log w) / sum - log w.
        var (mean, kept) = (logs / sum, 0);
        for (var token = 0; token < weights.Length; token++)
        {
            if (weights[token] > 0)
            {
                var distance = (float)Math.Abs(mean - Math.Log(weights[token]));
                _order[kept++] = ((ulong)BitConverter.SingleToUInt32Bits(distance) << 32) | (uint)token;
            }
        }

        var order = _order.AsSpan(0, kept);
        order.Sort();
        foreach (var place in order[Reach(_options.TypicalP, order, weights)..])
        {
            weights[(int)(uint)place] = 0;
        }
    }

    void MakeOrder(int tokens)
    {
        if (_order.Length != tokens)
        {
            _order = new ulong[tokens];
        }
    }

    /// <summary>How many tokens, in their order, together reach a share of the weight of all of them.</summary>
    static int Reach(double share, ReadOnlySpan<ulong> order, ReadOnlySpan<float> weights)
    {
        var all = 0.0;
        foreach (var place in order)
        {
            all += weights[(int)(uint)place];
        }

        var (limit, sum) = (all * share, 0.0);
        for (var i = 0; i < order.Length; i++)
        {
            sum += weights[(int)(uint)order[i]];
            if (sum >= limit)
            {
                return i + 1;
            }
        }

        return order.Length;
    }

    int Draw(ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var rest = _random.NextDouble() * sum;
        for (var token = 0; token < weights.Length; token++)
        {
            rest -= weights[token];
            if (rest < 0)
            {
                return token;
            }
        }

        return TensorPrimitives.IndexOfMax(weights);       // rounding left a grain over: the most probable takes it
    }
}
