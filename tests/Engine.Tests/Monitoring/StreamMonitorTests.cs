using Rnn.Engine.Codecs;
using Rnn.Engine.Monitoring;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Monitoring;

public sealed class StreamMonitorTests
{
    static readonly Quantity[] Two = [new("a"), new("b")];

    [Fact]
    public void Residuals_are_what_came_less_the_median_and_surprisals_add_up()
    {
        var head = new GaussianHead(Two);
        var comparison = Compare(new StreamMonitor(head), [1, 2, 0, 0], [1.5, 0], out _)!;

        Assert.Equal([0.5, -2.0], comparison.Residuals);
        Assert.Equal((0.125 + 2) + Math.Log(2 * Math.PI), comparison.Surprisal!.Value, 6);
    }

    [Fact]
    public void Of_several_targets_the_rarest_counts_as_one_of_several()
    {
        var (one, two) = (new StreamMonitor(new GaussianHead([Two[0]])), new StreamMonitor(new GaussianHead(Two)));
        var alone = Compare(one, [0, 0], [2], out _)!;
        var together = Compare(two, [0, 0, 0, 0], [2, 0.1], out _)!;

        var p = 0.04550026389635842;                       // of |z| >= 2
        Assert.Equal(p, 1 - alone.Anomaly!.Value, 0.005);
        Assert.InRange(1 - together.Anomaly!.Value, 1.7 * (1 - alone.Anomaly.Value), 2.1 * (1 - alone.Anomaly.Value));
    }

    [Fact]
    public void What_is_missing_is_left_out_and_of_nothing_nothing_is_learnt()
    {
        var monitor = new StreamMonitor(new GaussianHead(Two));

        var comparison = Compare(monitor, [1, 2, 0, 0], [double.NaN, 3], out _)!;
        Assert.Equal([null, 1.0], comparison.Residuals);

        Assert.Null(Compare(monitor, [1, 2, 0, 0], [double.NaN, double.NaN], out var learnt));
        Assert.All(learnt, number => Assert.Equal(0, number));
    }

    [Fact]
    public void Of_a_model_without_a_distribution_it_is_learnt_from_the_residuals()
    {
        var monitor = new StreamMonitor(new ValueHead([Two[0]]));
        var learnt = new float[monitor.Part.Size];
        var random = new Pcg32(3);
        var anomalies = new List<double?>();
        for (var i = 0; i < 5000; i++)
        {
            // Off by 2 on the whole, with a deviation of 3 * sqrt(1/12) * 2.
            anomalies.Add(monitor.Compare([10], [12 + 6 * (random.NextDouble() - 0.5)], learnt)!.Anomaly);
        }

        Assert.Null(anomalies[0]);
        Assert.Null(anomalies[1]);
        Assert.InRange(anomalies.Skip(500).Count(anomaly => anomaly > 0.9) / 4500.0, 0.06, 0.15);
        var spike = monitor.Compare([10], [30], learnt)!;
        Assert.True(spike.Anomaly > 0.99999);
        Assert.InRange(spike.Deviations[0]!.Value, 1.5, 3);
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    [InlineData(3.4e38)]
    public void However_far_out_something_is_the_score_is_a_number(double value)
    {
        foreach (NumericHead head in new NumericHead[] { new GaussianHead([Two[0]]), new QuantileHead([Two[0]], [0.1, 0.9]), new ValueHead([Two[0]]) })
        {
            var monitor = new StreamMonitor(head);
            var learnt = new float[monitor.Part.Size];
            float[] raw = [.. Enumerable.Range(0, head.Size).Select(index => (float)index)];
            foreach (var next in new[] { 0.1, 0.2, 0.3, value, 0.1, 0.2 })
            {
                var comparison = monitor.Compare(raw, [next], learnt)!;

                Assert.InRange(comparison.Anomaly ?? 0, 0, 1);
                Assert.All(learnt, number => Assert.True(float.IsFinite(number)));
            }
        }
    }

    static Comparison? Compare(StreamMonitor monitor, float[] raw, double[] actual, out float[] learnt)
    {
        learnt = new float[monitor.Part.Size];
        return monitor.Compare(raw, actual, learnt);
    }
}
