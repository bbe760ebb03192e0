namespace Rnn.Engine.Monitoring;

/// <summary>
/// The running mean and deviation of residuals: of all of them up to a memory of <see cref="RarityRecord.Memory"/>, and then with the
/// older ones forgotten exponentially.
/// </summary>
/// <param name="moments">How many, their mean, their variance; zero for nothing yet. Changed in place.</param>
readonly ref struct ResidualMoments(Span<float> moments)
{
    /// <summary>How many numbers are kept.</summary>
    public const int Size = 3;

    readonly Span<float> _moments = moments;

    /// <summary>Whether there are enough for a deviation.</summary>
    public bool AreKnown => _moments[0] > 1 && _moments[2] > 0;

    /// <summary>The mean: how far predictions are off on the whole.</summary>
    public double Mean => _moments[1];

    /// <summary>The standard deviation.</summary>
    public double Deviation => Math.Sqrt(Math.Max(_moments[2], 0));

    /// <summary>Counts a residual.</summary>
    public void Add(double residual)
    {
        _moments[0] = Math.Min(Math.Max(_moments[0], 0) + 1, RarityRecord.Memory);
        var (weight, difference) = (1.0 / _moments[0], residual - _moments[1]);
        _moments[1] = (float)Math.Clamp(_moments[1] + weight * difference, -float.MaxValue, float.MaxValue);
        _moments[2] = (float)Math.Min((1 - weight) * (_moments[2] + weight * difference * difference), float.MaxValue);
    }
}
