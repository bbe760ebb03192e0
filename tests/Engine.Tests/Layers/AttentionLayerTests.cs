using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests.Layers;

public sealed class AttentionLayerTests
{
    readonly AttentionLayer _attention = new("attention", new DotScore(2), new MemoryShape(3, 2));

    [Fact]
    public void The_context_is_the_memory_weighed_by_the_softmax_of_the_scores()
    {
        var weight = MathF.Exp(2) / (MathF.Exp(2) + MathF.Exp(1));

        Assert.Equal([weight * 2 + (1 - weight), 0, 1, 5], Attend([1, 5], [2, 0, 1, 0, 7, 7], length: 2).Select(value => MathF.Round(value, 6)), Near);
    }

    [Fact]
    public void Scores_beyond_the_range_of_exp_pick_the_best_part() =>
        Assert.Equal([1_000, 0, 1_000, 0], Attend([1_000, 0], [1_000, 0, 900, 1, -1_000, 2], length: 3));

    [Fact]
    public void Without_a_memory_the_context_is_zero() => Assert.Equal([0, 0, 3, 4], Attend([3, 4], [1, 1, 1, 1, 1, 1], length: 0));

    [Fact]
    public void A_length_beyond_the_memory_is_all_of_it() => Assert.Equal(Attend([3, 4], [1, 2, 3, 4, 5, 6], 3), Attend([3, 4], [1, 2, 3, 4, 5, 6], 1e9f));

    static bool Near(float expected, float actual) => MathF.Abs(expected - actual) < 1e-5f;

    float[] Attend(float[] query, float[] memory, float length) =>
        _attention.Run(1, 1, query, (float[])[.. memory, length], new float[_attention.ScratchSize]).ToArray();
}
