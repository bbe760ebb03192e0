using Rnn.Engine.Numerics;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Sampling;

/// <summary>What is drawn against the definitions, written out plainly in float64.</summary>
public sealed class DistributionTests
{
    const int Draws = 40_000;

    static readonly float[] Logits = [1.5f, -0.5f, 2, 0.3f, 1.9f, -2, 0.9f, 1, -1, 0.1f, 2.2f, 0];

    public static TheoryData<double, int?, double, double, double> Options => new()
    {
        { 1, null, 1, 0, 1 },
        { 0.6, null, 1, 0, 1 },
        { 2.5, null, 1, 0, 1 },
        { 1, 4, 1, 0, 1 },
        { 1, null, 0.7, 0, 1 },
        { 1, null, 1, 0.3, 1 },
        { 0.7, null, 1, 0.5, 1 },
        { 1, null, 1, 1, 1 },
        { 1, null, 1, 0, 0.5 },
        { 1, null, 1, 0, 0.9 },
        { 3, null, 1, 0, 0.2 },
        { 0.8, 9, 0.95, 0.1, 0.8 },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Tokens_come_as_often_as_the_definition_says(double temperature, int? topK, double topP, double minP, double typicalP)
    {
        var expected = Expected(temperature, topK, topP, minP, typicalP);
        var drawn = Draw(new() { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, TypicalP = typicalP, Seed = 17 });

        Assert.True(ChiSquare.Accepts(expected, drawn));
    }

    [Fact]
    public void The_test_tells_distributions_apart()
    {
        var drawn = Draw(new() { Seed = 17 });

        Assert.True(ChiSquare.Accepts(Expected(1, null, 1, 0, 1), drawn));
        Assert.False(ChiSquare.Accepts(Expected(1.05, null, 1, 0, 1), drawn));
        Assert.False(ChiSquare.Accepts(Expected(1, 11, 1, 0, 1), drawn));
        Assert.False(ChiSquare.Accepts(Expected(1, null, 1, 0, 0.9), drawn));
    }

    [Fact]
    public void Typical_sampling_can_leave_out_the_most_probable_token()
    {
        float[] probabilities = [0.4f, 0.12f, 0.12f, 0.12f, 0.12f, 0.12f];
        var sampler = new Sampler(new() { TypicalP = 0.5, Seed = 1 });

        Assert.DoesNotContain(0, Enumerable.Range(0, 1000).Select(_ => sampler.Sample(probabilities)));
    }

    [Fact]
    public void A_seed_draws_what_it_always_has()
    {
        var plain = Draw(new() { Temperature = 0.8, Seed = 42 });
        var cut = Draw(new() { Temperature = 0.8, TopK = 7, TopP = 0.9, Seed = 42 });

        Assert.Equal([10, 4, 4, 2, 10, 4, 10, 10, 4, 11, 10, 4, 0, 10, 10, 0, 9, 2, 0, 10, 2, 10, 7, 10], plain.Take(24));
        Assert.Equal([10, 4, 4, 2, 10, 4, 10, 10, 4, 10, 10, 4, 0, 10, 10, 0, 10, 2, 0, 10, 2, 10, 7, 10], cut.Take(24));
    }

    [Theory]
    [InlineData(1.0, 1.0)]
    [InlineData(0.1, 1.0)]
    [InlineData(0.0, 0.5)]
    [InlineData(0.1, 0.5)]
    public void A_draw_allocates_nothing(double minP, double typicalP)
    {
        var sampler = new Sampler(new() { TopK = 9, TopP = 0.95, MinP = minP, TypicalP = typicalP, Seed = 1 });
        var penalties = new LogitPenalties(new() { RepetitionPenalty = 1.2, PresencePenalty = 0.1 }, new Dictionary<int, float>(), [], Logits.Length);
        float[] logits = [.. Logits];

        void Step()
        {
            penalties.Apply(logits);
            Activation.SoftmaxOf(logits, logits);
            penalties.Count(sampler.Sample(logits));
        }

        Step();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Step();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    static List<int> Draw(SamplingOptions options)
    {
        var probabilities = new float[Logits.Length];
        Activation.SoftmaxOf(Logits, probabilities);
        var sampler = new Sampler(options);
        return [.. Enumerable.Range(0, Draws).Select(_ => sampler.Sample(probabilities))];
    }

    static double[] Expected(double temperature, int? topK, double topP, double minP, double typicalP)
    {
        var p = Share(Array.ConvertAll(Logits, logit => Math.Exp(logit / temperature)));
        p = Keep(p, [.. Falling(p).Take(topK ?? p.Length)]);
        p = Keep(p, Until(p, Falling(p), topP));
        p = Keep(p, [.. Falling(p).Where(token => p[token] >= minP * p.Max())]);
        var entropy = -p.Where(share => share > 0).Sum(share => share * Math.Log(share));
        return Keep(p, Until(p, [.. Falling(p).OrderBy(token => Math.Abs(-Math.Log(p[token]) - entropy))], typicalP));
    }

    static int[] Falling(double[] p) => [.. Enumerable.Range(0, p.Length).Where(token => p[token] > 0).OrderByDescending(token => p[token])];

    static int[] Until(double[] p, int[] order, double share)
    {
        var count = 1;
        while (count < order.Length && order.Take(count).Sum(token => p[token]) < share)
        {
            count++;
        }

        return order[..count];
    }

    static double[] Keep(double[] p, int[] kept) => Share([.. p.Select((share, token) => kept.Contains(token) ? share : 0)]);

    static double[] Share(double[] weights) => Array.ConvertAll(weights, weight => weight / weights.Sum());
}
