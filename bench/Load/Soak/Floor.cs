namespace Rnn.Bench.Load.Soak;

/// <summary>
/// Whether something grows: the least of the third quarter, when what fills up once is full, beside the least of the last. What is taken for
/// a while and given back, as the pools of a thread, raises a sample but not the least of many; what leaks raises that too.
/// </summary>
/// <param name="name">What it is.</param>
/// <param name="values">Megabytes, or a count.</param>
/// <param name="share">How much of it may come from one quarter to the next.</param>
/// <param name="least">How much at least must come, to be called growth.</param>
sealed class Floor(string name, IReadOnlyList<double> values, double share, double least)
{
    /// <summary>The least of the third quarter.</summary>
    public double Before => Least(values.Skip(values.Count / 2).Take(values.Count / 4));

    /// <summary>The least of the last quarter.</summary>
    public double After => Least(values.Skip(values.Count / 2 + values.Count / 4));

    public bool Grows => After - Before > Math.Max(least, share * Before);

    public override string ToString() => $"{name}: at least {Before:N1} in the third quarter, {After:N1} in the last: {(Grows ? "GROWS" : "steady")}";

    static double Least(IEnumerable<double> some) => some.DefaultIfEmpty().Min();
}
