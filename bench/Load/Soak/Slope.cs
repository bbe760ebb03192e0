namespace Rnn.Bench.Load.Soak;

/// <summary>Whether something grows: the straight line through the samples of the second half, when what fills up once is full.</summary>
/// <param name="name">What it is.</param>
/// <param name="values">Megabytes, or a count.</param>
/// <param name="share">How much of it may come in the second half.</param>
/// <param name="least">How much at least must come, to be called growth.</param>
sealed class Slope(string name, IReadOnlyList<double> values, double share, double least)
{
    /// <summary>The line's value at the half.</summary>
    public double From => Mean - Growth / 2;

    /// <summary>What the line gains from the half to the end.</summary>
    public double Growth => Half.Count < 2 ? 0 : Half.Index().Sum(point => (point.Index - Middle) * (point.Item - Mean)) / Half.Index().Sum(point => Math.Pow(point.Index - Middle, 2)) * (Half.Count - 1);

    public bool Grows => Growth > least && Growth > share * From;

    public override string ToString() => $"{name}: {From:N1} at the half, {Growth:+0.0;-0.0} until the end: {(Grows ? "GROWS" : "steady")}";

    List<double> Half => [.. values.Skip(values.Count / 2)];

    double Mean => Half.Average();

    double Middle => (Half.Count - 1) / 2d;
}
