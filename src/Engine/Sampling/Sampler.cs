using System.Numerics.Tensors;

namespace Rnn.Engine.Sampling;

/// <summary>
/// Draws tokens: probabilities p are sharpened to p^(1/temperature), which is softmax(logits / temperature); then top-k,
/// then top-p keep the most probable; then one is drawn. Ties go to the lower index.
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
        if (_order.Length != weights.Length)
        {
            _order = new ulong[weights.Length];
        }

        // Falling by weight, then rising by index, as one number: the bits of floats from 0 on rise as they do.
        for (var token = 0; token < weights.Length; token++)
        {
            _order[token] = ((ulong)~BitConverter.SingleToUInt32Bits(weights[token]) << 32) | (uint)token;
        }

        Array.Sort(_order);
        var byK = Math.Min(_options.TopK ?? _order.Length, _order.Length);
        foreach (var place in _order.AsSpan(TopP(_order.AsSpan(0, byK), weights)))
        {
            weights[(int)(uint)place] = 0;
        }
    }

    /// <summary>How many of the most probable tokens together reach top-p.</summary>
    int TopP(ReadOnlySpan<ulong> order, ReadOnlySpan<float> weights)
    {
        var all = 0.0;
        foreach (var place in order)
        {
            all += weights[(int)(uint)place];
        }

        var (limit, sum) = (all * _options.TopP, 0.0);
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
