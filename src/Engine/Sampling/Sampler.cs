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

    /// <param name="options">In range; see <see cref="SamplingOptions.Validate"/>.</param>
    public Sampler(SamplingOptions options)
    {
        Seed = options.Seed ?? (ulong)Random.Shared.NextInt64(1L << 53);
        _options = options;
        _random = new Pcg32(Seed);
    }

    /// <summary>What draws the same tokens again. A fresh one is below 2^53, so that every JSON client can hold it.</summary>
    public ulong Seed { get; }

    /// <summary>Draws a token.</summary>
    /// <param name="probabilities">The model's distribution, [V]; its sum is 1.</param>
    public int Sample(ReadOnlySpan<float> probabilities)
    {
        if (_options.Temperature == 0)
        {
            return TensorPrimitives.IndexOfMax(probabilities);
        }

        // Sorting a few hundred tokens costs far less than the step before it, and one order serves both cuts.
        var order = new int[probabilities.Length];
        var weights = new double[probabilities.Length];
        var sharpness = 1 / _options.Temperature;
        var highest = Math.Log(TensorPrimitives.Max(probabilities));
        for (var token = 0; token < order.Length; token++)
        {
            order[token] = token;
            weights[token] = Math.Exp((Math.Log(probabilities[token]) - highest) * sharpness);
        }

        Array.Sort(order, (left, right) => weights[right].CompareTo(weights[left]) is var byWeight and not 0 ? byWeight : left.CompareTo(right));

        var kept = order.AsSpan(0, Math.Min(_options.TopK ?? order.Length, order.Length));
        kept = kept[..TopP(kept, weights)];
        return Draw(kept, weights);
    }

    int TopP(ReadOnlySpan<int> order, double[] weights)
    {
        var limit = Sum(order, weights) * _options.TopP;
        var sum = 0.0;
        for (var i = 0; i < order.Length; i++)
        {
            sum += weights[order[i]];
            if (sum >= limit)
            {
                return i + 1;
            }
        }

        return order.Length;
    }

    int Draw(ReadOnlySpan<int> order, double[] weights)
    {
        var rest = _random.NextDouble() * Sum(order, weights);
        foreach (var token in order)
        {
            rest -= weights[token];
            if (rest < 0)
            {
                return token;
            }
        }

        return order[0];                                   // rounding left a grain over: the most probable takes it
    }

    static double Sum(ReadOnlySpan<int> order, double[] weights)
    {
        var sum = 0.0;
        foreach (var token in order)
        {
            sum += weights[token];
        }

        return sum;
    }
}
