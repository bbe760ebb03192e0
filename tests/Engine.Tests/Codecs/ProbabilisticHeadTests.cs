using Rnn.Engine.Codecs;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Codecs;

public sealed class ProbabilisticHeadTests
{
    static readonly Quantity Plain = new("x");
    static readonly Quantity Celsius = new("temperature", "°C", new StandardScaling(12, 4));
    static readonly Quantity Amount = new("amount", null, new LogScaling(2, 0.5));

    [Fact]
    public void A_gaussian_tells_its_median_and_an_interval_of_80_percent()
    {
        var output = Assert.IsType<Spread>(new GaussianHead([Plain, Celsius]).Decode([1, -0.5f, MathF.Log(2), 0], top: 1));

        Assert.Equal([1f, 10f], output.Values);
        Near(1 - 2 * 1.2815515655446004, output.Lower[0]);
        Near(1 + 2 * 1.2815515655446004, output.Upper[0]);
        Near(10 - 4 * 1.2815515655446004, output.Lower[1]);
        Near(10 + 4 * 1.2815515655446004, output.Upper[1]);
    }

    [Fact]
    public void Under_a_log_scaling_a_gaussian_is_log_normal()
    {
        var head = new GaussianHead([Amount]);

        Near(Math.Exp(2.5) - 1, head.Points([1, 0])[0]);
        Near(Math.Exp(2.5 + 0.5 * 1.6448536269514722) - 1, head.Quantile([1, 0], 0, 0.95));
    }

    [Fact]
    public void The_surprisal_of_a_gaussian_is_half_the_square_of_z_and_the_logarithm_of_its_width()
    {
        var head = new GaussianHead([Celsius]);

        Near(Math.Log(Math.Sqrt(2 * Math.PI)), head.Surprisal([0, 0], 0, 12));
        Near(2 + Math.Log(Math.Sqrt(2 * Math.PI)) + Math.Log(0.5), head.Surprisal([0, MathF.Log(0.5f)], 0, 16));
    }

    [Theory]
    [InlineData(1e-12)]
    [InlineData(0.001)]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.77)]
    [InlineData(0.9)]
    [InlineData(0.9999)]
    public void Beyond_a_quantile_lies_its_probability(double probability)
    {
        foreach (var (head, raw) in new (ProbabilisticHead, float[])[]
        {
            (new GaussianHead([Celsius]), [0.5f, -0.3f]),
            (new QuantileHead([Plain], [0.1, 0.5, 0.9]), [-1, 0, 3]),
        })
        {
            var expected = Math.Log(2 * Math.Min(probability, 1 - probability));
            Assert.Equal(expected, head.LogTail(raw, 0, head.Quantile(raw, 0, probability)), 1e-3);
        }
    }

    [Fact]
    public void Far_out_tails_go_on_where_float64_has_no_probability_left()
    {
        var head = new GaussianHead([Plain]);

        Near(-454.3212439955913 + Math.Log(2), head.LogTail([0, 0], 0, 30.000001));
        Assert.Equal(-5e9, head.LogTail([0, 0], 0, 1e5), 1e3);
        Assert.Equal(Math.Log(0.2) - 1e9 / (0.1 * 3 / 0.4), new QuantileHead([Plain], [0.1, 0.5, 0.9]).LogTail([-1, 0, 3], 0, 3 + 1e9), 1);
    }

    [Fact]
    public void An_example_holds_the_means_and_what_the_network_gives_for_the_deviations() =>
        Assert.Equal([10f, -0.25f], new GaussianHead([Celsius]).Values([-0.5f, -0.25f]));

    [Fact]
    public void Quantiles_are_what_the_network_gives_and_straight_between()
    {
        var head = new QuantileHead([Plain], [0.1, 0.5, 0.9]);

        Near(-1, head.Quantile([-1, 0, 3], 0, 0.1));
        Near(0, head.Quantile([-1, 0, 3], 0, 0.5));
        Near(1.5, head.Quantile([-1, 0, 3], 0, 0.7));
        Near(3, head.Quantile([-1, 0, 3], 0, 0.9));
    }

    [Fact]
    public void Quantiles_that_cross_are_put_in_order() =>
        Near(0, new QuantileHead([Plain], [0.1, 0.5, 0.9]).Points([3, 0, -1])[0]);

    [Fact]
    public void The_density_of_quantiles_integrates_to_the_probability_below_each_of_them()
    {
        const double Width = 0.001;
        var head = new QuantileHead([Plain], [0.05, 0.3, 0.5, 0.95]);
        float[] raw = [-2, -0.5f, 0.25f, 4];

        var below = 0.0;
        var next = -40 + Width / 2;
        foreach (var probability in (double[])[0.001, 0.05, 0.2, 0.5, 0.7, 0.95, 0.99, 0.999])
        {
            for (var quantile = head.Quantile(raw, 0, probability); next < quantile; next += Width)
            {
                below += Math.Exp(-head.Surprisal(raw, 0, next)) * Width;
            }

            Assert.Equal(probability, below, 2e-3);
        }
    }

    [Fact]
    public void Quantiles_of_several_values_lie_one_value_after_the_other()
    {
        var head = new QuantileHead([Plain, Celsius], [0.1, 0.9]);

        Assert.Equal(4, head.Size);
        Near(12, head.Quantile([5, 6, 0, 1], 1, 0.1));
        Near(16, head.Quantile([5, 6, 0, 1], 1, 0.9));
    }

    [Fact]
    public void A_scaling_that_falls_would_turn_quantiles_round() =>
        Refused("falls", new GaussianOutput { Values = [new Quantity("x", null, new StandardScaling(0, -1))] });

    [Fact]
    public void A_cyclic_value_has_no_quantiles() =>
        Refused("no inverse", new GaussianOutput { Values = [new Quantity("x", null, new CyclicScaling(24))] });

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.9, 0.1)]
    [InlineData(0.0, 0.5)]
    [InlineData(0.5, 1.0)]
    public void Levels_are_rising_probabilities(params double[] levels) =>
        Refused("output.levels", new QuantileOutput { Values = [Plain], Levels = levels });

    static void Refused(string why, OutputManifest output)
    {
        var refused = Assert.Throws<EngineException>(() => CodecBuilder.Output(output, new FeatureCodec([Plain]), [], 2));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-5 * (1 + Math.Abs(expected)));
}
