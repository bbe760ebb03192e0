namespace Rnn.Engine.Sampling;

/// <summary>Seeds of several draws that one seed tells.</summary>
public static class Seeds
{
    const ulong GoldenRatio = 0x9E3779B97F4A7C15;

    /// <summary>A new one, below 2^53, so that every JSON client can hold it.</summary>
    public static ulong Fresh() => (ulong)Random.Shared.NextInt64(1L << 53);

    /// <summary>
    /// The seed of one of several draws: the given one for the first, and for the others a number of SplitMix64 (Steele, Lea and
    /// Flood 2014), cut to 53 bits.
    /// </summary>
    public static ulong Of(ulong seed, int index)
    {
        if (index == 0)
        {
            return seed;
        }

        var z = seed + GoldenRatio * (ulong)index;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (z ^ (z >> 31)) >> 11;
    }
}
