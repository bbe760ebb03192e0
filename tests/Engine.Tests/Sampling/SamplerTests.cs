using CsCheck;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Sampling;

public sealed class SamplerTests
{
    static readonly float[] Probabilities = [0.05f, 0.4f, 0.25f, 0.2f, 0.1f];

    [Fact]
    public void Temperature_zero_takes_the_most_probable_token() =>
        Assert.All(Draw(new() { Temperature = 0 }, 20), token => Assert.Equal(1, token));

    [Theory]
    [InlineData(1e-4)]
    [InlineData(1e-10)]
    [InlineData(1e-40)]
    [InlineData(1e-300)]
    public void A_temperature_near_zero_does_too(double temperature) =>
        Gen.Select(Gen.Int[2, 300], Gen.Int).Sample((count, seed) =>
        {
            var random = new Random(seed);
            var weights = Enumerable.Range(0, count).Select(_ => random.NextSingle()).ToArray();
            var best = random.Next(count);
            weights[best] = 1.5f;
            var probabilities = Array.ConvertAll(weights, weight => weight / weights.Sum());

            Assert.Equal(best, new Sampler(new() { Temperature = temperature }).Sample(probabilities));
            Assert.Equal(best, new Sampler(new() { Temperature = temperature, TopK = 3, TopP = 0.9 }).Sample(probabilities));
        });

    [Fact]
    public void The_same_seed_draws_the_same_tokens() => Gen.ULong.Sample(seed =>
        Assert.Equal(Draw(new() { Seed = seed }, 50), Draw(new() { Seed = seed }, 50)));

    [Fact]
    public void A_fresh_seed_can_be_given_again()
    {
        var first = new Sampler(new());
        var again = new Sampler(new() { Seed = first.Seed });

        Assert.Equal(
            Enumerable.Range(0, 50).Select(_ => first.Sample(Probabilities)),
            Enumerable.Range(0, 50).Select(_ => again.Sample(Probabilities)));
        Assert.InRange(first.Seed, 0UL, 1UL << 53);
    }

    [Theory]
    [InlineData(1, 1.0, new[] { 1 })]
    [InlineData(3, 1.0, new[] { 1, 2, 3 })]
    [InlineData(99, 1.0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(null, 0.4, new[] { 1 })]
    [InlineData(null, 0.6, new[] { 1, 2 })]
    [InlineData(null, 0.66, new[] { 1, 2, 3 })]
    [InlineData(2, 0.66, new[] { 1, 2 })]
    public void Top_k_and_top_p_keep_the_most_probable(int? topK, double topP, int[] expected) =>
        Assert.Equal(expected, Draw(new() { TopK = topK, TopP = topP, Seed = 5 }, 2000).Distinct().Order());

    [Fact]
    public void Tokens_come_as_often_as_their_probabilities_say()
    {
        const int Draws = 100_000;
        var counts = Draw(new() { Seed = 11 }, Draws).CountBy(token => token).ToDictionary();

        for (var token = 0; token < Probabilities.Length; token++)
        {
            // Six standard deviations of a binomial share; with a fixed seed it either always holds or never.
            var deviation = Math.Sqrt(Probabilities[token] * (1 - Probabilities[token]) / Draws);
            Assert.Equal(Probabilities[token], counts[token] / (double)Draws, 6 * deviation);
        }
    }

    [Fact]
    public void A_low_temperature_sharpens_and_a_high_one_flattens()
    {
        int Best(double temperature) => Draw(new() { Temperature = temperature, Seed = 3 }, 5000).Count(token => token == 1);

        Assert.True(Best(0.3) > Best(1));
        Assert.True(Best(1) > Best(5));
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(10.0)]
    public void Probabilities_of_zero_are_never_drawn_at_any_temperature(double temperature) =>
        Assert.Equal([1], [.. Enumerable.Repeat(new Sampler(new() { Temperature = temperature }), 100).Select(sampler => sampler.Sample([0, 1, 0])).Distinct()]);

    [Theory]
    [InlineData("/temperature", -0.1, 1, 1.0)]
    [InlineData("/temperature", double.NaN, 1, 1.0)]
    [InlineData("/temperature", 10.1, 1, 1.0)]
    [InlineData("/topK", 1.0, 0, 1.0)]
    [InlineData("/topP", 1.0, 1, 0.0)]
    [InlineData("/topP", 1.0, 1, 1.1)]
    [InlineData("/topP", 1.0, 1, double.NaN)]
    public void A_value_out_of_range_is_named(string pointer, double temperature, int topK, double topP)
    {
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP };

        Assert.Equal(pointer, Assert.Throws<EngineException>(options.Validate).Pointer);
    }

    [Fact]
    public void Pcg32_gives_the_same_numbers_everywhere()
    {
        var random = new Pcg32(42);

        Assert.Equal([random.Next(), random.Next(), random.Next()], Reference(42, 3));
    }

    static List<int> Draw(SamplingOptions options, int count)
    {
        var sampler = new Sampler(options);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Sample(Probabilities))];
    }

    // The published algorithm, written out plainly with 128-bit arithmetic in place of wrap-around.
    static IEnumerable<uint> Reference(ulong seed, int count)
    {
        static ulong Advance(ulong state) => (ulong)(((UInt128)state * 6364136223846793005 + 1442695040888963407) & ulong.MaxValue);

        var state = Advance((ulong)(((UInt128)seed + 1442695040888963407) & ulong.MaxValue));
        for (var i = 0; i < count; i++, state = Advance(state))
        {
            var word = (uint)((((state >> 18) ^ state) >> 27) & uint.MaxValue);
            var turn = (int)(state >> 59);
            yield return (word >> turn) | (word << ((32 - turn) & 31));
        }
    }
}
