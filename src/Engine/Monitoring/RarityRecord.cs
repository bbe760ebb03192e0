namespace Rnn.Engine.Monitoring;

/// <summary>
/// How rare what comes is, among what came before it: the rank of t = -log10 p, where p is the probability that the model gave to
/// something at least as far out. A model that is right needs none of this; of one that is not, or of a stream that has become
/// rougher, it learns how often such a t comes. Below 1.5 the rank is that of a histogram; beyond, where hardly anything has come yet,
/// it falls exponentially with the mean excess (peaks over a threshold, Pickands 1975; on streams, Siffer et al. 2017):
/// <code>
/// P(T >= t) = (h_k (e_k+1 - t) / (e_k+1 - e_k) + sum_j>k h_j) / sum h        t in [e_k, e_k+1), below 1.5
/// P(T >= t) = h_last / sum h * exp(-(t - 1.5) / mean excess)
/// </code>
/// A few observations as a model that is right would give them stand at the beginning; older ones are forgotten exponentially.
/// </summary>
/// <param name="record">The counts h, then the sum of the excesses; zero for nothing yet. Changed in place.</param>
readonly ref struct RarityRecord(Span<float> record)
{
    /// <summary>How many numbers are kept.</summary>
    public const int Size = Bins + 2;

    /// <summary>How many observations count for what they weigh; what came before them is forgotten.</summary>
    public const float Memory = 200;

    const int Bins = 6;
    const double Threshold = 1.5;
    const double Width = Threshold / Bins;
    const double Prior = 5;

    static readonly double UsualExcess = Math.Log10(Math.E);

    readonly Span<float> _record = record;

    /// <summary>P(T >= t) before this t is counted.</summary>
    /// <param name="t">-log10 of a probability, 0 or more.</param>
    public double Probability(double t)
    {
        var all = 0.0;
        for (var bin = 0; bin <= Bins; bin++)
        {
            all += Count(bin);
        }

        if (t >= Threshold)
        {
            return Count(Bins) / all * Math.Exp(-(t - Threshold) / MeanExcess);
        }

        var here = BinOf(t);
        var above = Count(here) * ((here + 1) * Width - t) / Width;
        for (var bin = here + 1; bin <= Bins; bin++)
        {
            above += Count(bin);
        }

        return Math.Min(above / all, 1);
    }

    /// <summary>Counts a t.</summary>
    public void Add(double t)
    {
        for (var i = 0; i < Size; i++)
        {
            _record[i] *= 1 - 1 / Memory;
        }

        _record[BinOf(t)]++;
        _record[Bins + 1] += (float)Math.Max(t - Threshold, 0);
    }

    double MeanExcess => (Math.Max(_record[Bins + 1], 0) + PriorOf(Bins) * UsualExcess) / Count(Bins);

    static int BinOf(double t) => (int)Math.Min(t / Width, Bins);

    double Count(int bin) => Math.Max(_record[bin], 0) + PriorOf(bin);

    static double PriorOf(int bin) => Prior * (Math.Pow(10, -bin * Width) - (bin == Bins ? 0 : Math.Pow(10, -(bin + 1) * Width)));
}
