namespace Rnn.Engine.Formats.Hdf5;

/// <summary>The checksum of the fletcher32 filter: Fletcher's sums over 16-bit words, the higher byte first.</summary>
static class Checksum
{
    // So many words can't overflow the second sum before it is folded.
    const int WordsBetweenFolds = 360;

    public static uint Fletcher32(ReadOnlySpan<byte> bytes)
    {
        var (first, second) = (0u, 0u);
        for (var i = 0; i < bytes.Length; i += 2)
        {
            first += (uint)(bytes[i] << 8 | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
            second += first;
            if (i / 2 % WordsBetweenFolds == WordsBetweenFolds - 1)
            {
                (first, second) = (Fold(first), Fold(second));
            }
        }

        return Fold(Fold(second)) << 16 | Fold(Fold(first));
    }

    static uint Fold(uint sum) => (sum & 0xFFFF) + (sum >> 16);
}
