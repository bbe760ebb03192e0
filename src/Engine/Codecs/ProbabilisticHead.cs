namespace Rnn.Engine.Codecs;

/// <summary>
/// Values with a distribution around each, independent of one another given the state. The distribution is that of the scaled
/// value y; a scaling that rises with its value, as all do here, turns quantiles of y into quantiles of the value.
/// </summary>
/// <inheritdoc cref="NumericHead" path="/param"/>
public abstract class ProbabilisticHead(IReadOnlyList<Quantity> quantities) : NumericHead(quantities)
{
    /// <summary>The probability below the lower end of the interval that is told, and above its upper end.</summary>
    public const double Tail = 0.1;

    /// <inheritdoc/>
    public override Output Decode(ReadOnlySpan<float> raw, int top) => new Spread(Points(raw), Quantiles(raw, Tail), Quantiles(raw, 1 - Tail));

    /// <inheritdoc/>
    public override float[] Points(ReadOnlySpan<float> raw) => Quantiles(raw, 0.5);

    /// <summary>The value below which the true one lies with a probability, in the user's unit.</summary>
    /// <param name="raw">The network's output, [O].</param>
    /// <param name="value">Which of the values.</param>
    /// <param name="probability">Above 0, below 1. With one that is uniformly distributed this draws from the distribution.</param>
    /// <exception cref="EngineException">It leaves the range of float32.</exception>
    public float Quantile(ReadOnlySpan<float> raw, int value, double probability) => Unscale(value, ScaledQuantile(raw, value, probability));

    /// <summary>How unlikely a value was: -ln p(y), in nats, with the density p of the scaled value. It may be below 0.</summary>
    /// <param name="raw">The network's output, [O].</param>
    /// <param name="value">Which of the values.</param>
    /// <param name="actual">What it was, in the user's unit.</param>
    public double Surprisal(ReadOnlySpan<float> raw, int value, double actual) => -LogDensity(raw, value, Scaled(value, actual));

    /// <summary>How far out a value was: ln of the probability of one at least as far out, on either side of the median.</summary>
    /// <inheritdoc cref="Surprisal" path="/param"/>
    public double LogTail(ReadOnlySpan<float> raw, int value, double actual)
    {
        var (below, above) = LogTails(raw, value, Scaled(value, actual));
        return Math.Min(Math.Log(2) + Math.Min(below, above), 0);
    }

    /// <summary>The quantile of the scaled value.</summary>
    private protected abstract double ScaledQuantile(ReadOnlySpan<float> raw, int value, double probability);

    /// <summary>ln p of the scaled value.</summary>
    private protected abstract double LogDensity(ReadOnlySpan<float> raw, int value, double scaled);

    /// <summary>ln F and ln(1 - F) of the scaled value, with the distribution function F.</summary>
    private protected abstract (double Below, double Above) LogTails(ReadOnlySpan<float> raw, int value, double scaled);

    double Scaled(int value, double actual)
    {
        if (Quantities[value].Scaling is not { } scaling)
        {
            return actual;
        }

        Span<float> scaled = stackalloc float[1];
        scaling.Scale(actual, scaled);
        return scaled[0];
    }

    float[] Quantiles(ReadOnlySpan<float> raw, double probability)
    {
        var quantiles = new float[Quantities.Count];
        for (var value = 0; value < quantiles.Length; value++)
        {
            quantiles[value] = Quantile(raw, value, probability);
        }

        return quantiles;
    }
}
