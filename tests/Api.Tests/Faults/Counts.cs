namespace Rnn.Api.Tests.Faults;

/// <summary>What a <see cref="CountingModel"/> has in its state, computed anew in whole numbers.</summary>
/// <param name="Count">How many inputs there were.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Order">The sum of all sums: another order of the same inputs makes another number.</param>
readonly record struct Counts(long Count, long Sum, long Order)
{
    // Up to here float32 holds every whole number.
    const long MaxExact = 1 << 24;

    public bool IsExact => Order <= MaxExact;

    public Counts After(long input) => new(Count + 1, Sum + input, Order + Sum + input);

    /// <summary>Whether an output of the model is exactly this.</summary>
    public bool Equals(IReadOnlyList<float> output) => output.SequenceEqual([Count, Sum, Order]);
}
