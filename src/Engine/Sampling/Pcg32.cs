namespace Rnn.Engine.Sampling;

/// <summary>
/// PCG-XSH-RR 64/32 (O'Neill 2014): the same numbers for a seed on every machine and in every version of .NET, which
/// <see cref="Random"/> does not promise.
/// </summary>
public sealed class Pcg32
{
    const ulong Multiplier = 6364136223846793005;
    const ulong Increment = 1442695040888963407;

    ulong _state;

    /// <param name="seed">Where the sequence begins.</param>
    public Pcg32(ulong seed)
    {
        _state = seed + Increment;
        Next();
    }

    /// <summary>The next 32 bits.</summary>
    public uint Next()
    {
        var state = _state;
        _state = state * Multiplier + Increment;
        var shifted = (uint)(((state >> 18) ^ state) >> 27);
        return uint.RotateRight(shifted, (int)(state >> 59));
    }

    /// <summary>A number from 0 up to, but not including, 1.</summary>
    public double NextDouble() => Next() * (1.0 / (1L << 32));

    /// <summary>A number above 0 and below 1, as a quantile function takes it.</summary>
    public double NextProbability() => (Next() + 0.5) / (1L << 32);
}
