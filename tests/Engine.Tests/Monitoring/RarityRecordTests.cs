using Rnn.Engine.Monitoring;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Monitoring;

public sealed class RarityRecordTests
{
    [Fact]
    public void At_first_the_model_is_believed()
    {
        var record = new RarityRecord(new float[RarityRecord.Size]);

        Assert.Equal(1, record.Probability(0), 12);
        Assert.Equal(0.1, record.Probability(1), 12);
        Assert.Equal(1e-7, record.Probability(7), 12);
        Assert.Equal(1e-50, record.Probability(50), 1e-58);
    }

    [Fact]
    public void What_is_further_out_is_never_less_rare()
    {
        var record = new RarityRecord(new float[RarityRecord.Size]);
        var random = new Pcg32(1);
        for (var i = 0; i < 300; i++)
        {
            record.Add(random.NextDouble() * 6);
        }

        var last = 1.0;
        for (var t = 0.0; t < 20; t += 0.01)
        {
            var probability = record.Probability(t);
            Assert.InRange(probability, 0, last);
            last = probability;
        }
    }

    // p^power is uniformly distributed, so a model that gives p is too sure of itself below 1, and not sure enough above.
    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(0.2)]
    [InlineData(2)]
    public void Of_a_model_that_is_wrong_the_ranks_are_right_all_the_same(double power)
    {
        var record = new RarityRecord(new float[RarityRecord.Size]);
        var random = new Pcg32(7);
        var ranks = new List<double>();
        for (var i = 0; i < 60_000; i++)
        {
            var t = -Math.Log10(random.NextProbability()) / power;
            ranks.Add(record.Probability(t));
            record.Add(t);
        }

        foreach (var rank in new[] { 0.5, 0.1, 0.02, 0.005 })
        {
            Assert.InRange(ranks.Skip(1000).Count(probability => probability < rank) / 59_000.0, rank * 0.7, rank * 1.5);
        }
    }

    [Fact]
    public void What_was_long_ago_is_forgotten()
    {
        var record = new RarityRecord(new float[RarityRecord.Size]);
        for (var i = 0; i < 1000; i++)
        {
            record.Add(8);
        }

        var usual = record.Probability(8);
        for (var i = 0; i < 2000; i++)
        {
            record.Add(0.1);
        }

        Assert.True(usual > 0.3);
        Assert.True(record.Probability(8) < 1e-3);
    }

    [Fact]
    public void A_state_that_no_stream_leads_to_gives_no_nonsense()
    {
        var record = new RarityRecord([.. Enumerable.Repeat(-5f, RarityRecord.Size)]);

        Assert.InRange(record.Probability(1), 0, 1);
        Assert.InRange(record.Probability(9), 0, 1);
    }
}
