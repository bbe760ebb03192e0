using System.Globalization;

namespace Rnn.Engine.Tests.Formats;

/// <summary>
/// Spoils files at random, each time in the same way, and checks that a reader answers every one: with a result or with a
/// refusal, never with another exception, and never by allocating more than a bound. RNN_MUTATIONS is how many of them.
/// </summary>
static class Mutations
{
    const int MaxSpoilt = 8;

    static readonly long[] Interesting =
        [0, 1, -1, 2, 4, 8, 16, 127, 128, 255, 256, 32767, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40];

    public static int Count { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("RNN_MUTATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 2_000;

    /// <summary>Reads spoilt copies of a corpus.</summary>
    /// <param name="corpus">Good files, none of them large.</param>
    /// <param name="read">The reader; it may throw an <see cref="EngineException"/> of kind <see cref="ErrorKind.BadModel"/>, and nothing else.</param>
    /// <param name="bound">The most bytes that reading a file of a given length may allocate.</param>
    public static void Survive(IReadOnlyList<byte[]> corpus, Action<byte[]> read, Func<int, long> bound)
    {
        for (var index = 0; index < Count; index++)
        {
            var file = Spoil(corpus, new Random(index));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(file);
            }
            catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
            {
                // A refusal is what most of them deserve.
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Mutation {index} was answered by {exception.GetType().Name}: {exception.Message}", exception);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= bound(file.Length), $"Mutation {index} of {file.Length} bytes allocated {allocated} bytes; the bound is {bound(file.Length)}.");
        }
    }

    static byte[] Spoil(IReadOnlyList<byte[]> corpus, Random random)
    {
        var bytes = corpus[random.Next(corpus.Count)].ToList();
        for (var spoilt = random.Next(MaxSpoilt); spoilt >= 0 && bytes.Count > 0; spoilt--)
        {
            // Headers are small and decide everything: half of the damage is done near one of the ends.
            var at = random.Next(4) switch
            {
                0 => random.Next(Math.Min(bytes.Count, 256)),
                1 => bytes.Count - 1 - random.Next(Math.Min(bytes.Count, 512)),
                _ => random.Next(bytes.Count),
            };
            var length = Math.Min(1 << random.Next(10), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                case 3:
                    var integer = BitConverter.GetBytes(Interesting[random.Next(Interesting.Length)]);
                    for (var i = 0; i < Math.Min(1 << random.Next(4), bytes.Count - at); i++)
                    {
                        bytes[at + i] = integer[i];
                    }

                    break;
                case 4:
                    bytes.RemoveRange(at, length);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 6:
                    var other = corpus[random.Next(corpus.Count)];
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + length)]);
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
