using Rnn.Engine.Layers;
using Rnn.Engine.Numerics;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Layers;

public sealed class RunningNormLayerTests
{
    const int Features = 2;
    const int Hidden = 3;
    const int Window = 5;

    [Fact]
    public void The_moments_are_those_of_all_timesteps_up_to_the_window()
    {
        var layer = Layer();
        var state = new float[Size(layer)];
        double[][] rows = [[1, 10], [4, -10], [2, 0], [9, 3]];

        layer.Run(1, 4, [.. rows.SelectMany(row => row).Select(value => (float)value)], state, Scratch(layer, 4));

        Assert.Equal(4, state[0]);
        for (var feature = 0; feature < Features; feature++)
        {
            var mean = rows.Average(row => row[feature]);
            Assert.Equal(mean, state[1 + feature], 1e-5);
            Assert.Equal(rows.Average(row => (row[feature] - mean) * (row[feature] - mean)), state[1 + Features + feature], 1e-4);
        }
    }

    [Fact]
    public void Steps_one_by_one_in_a_batch_and_at_once_give_the_same_bits()
    {
        var layer = Layer();
        var (a, b) = (Stream(1, 9), Stream(2, 9));
        float[] together = [.. Enumerable.Range(0, 9).SelectMany(t => a[(t * Features)..((t + 1) * Features)].Concat(b[(t * Features)..((t + 1) * Features)]))];

        var whole = layer.Run(1, 9, a, new float[Size(layer)], Scratch(layer, 9)).ToArray();
        var batch = layer.Run(2, 9, together, new float[2 * Size(layer)], Scratch(layer, 18)).ToArray();
        var state = new float[Size(layer)];
        for (var t = 0; t < 9; t++)
        {
            var step = layer.Run(1, 1, a.AsSpan(t * Features, Features), state, Scratch(layer, 1)).ToArray();

            Assert.Equal(whole[(t * layer.OutputSize)..((t + 1) * layer.OutputSize)], step);
            Assert.Equal(step, batch[(2 * t * layer.OutputSize)..((2 * t + 1) * layer.OutputSize)]);
            Assert.Equal(step, layer.OutputAt(state, Scratch(layer, 1)).ToArray());
        }
    }

    [Fact]
    public void Another_unit_changes_the_outputs_and_nothing_else()
    {
        var layer = Layer();
        var stream = Stream(3, 40);
        float[] other = [.. stream.Select(value => 512 * value + 4096)];

        var outputs = layer.Run(1, 40, stream, new float[Size(layer)], Scratch(layer, 40)).ToArray();
        var changed = layer.Run(1, 40, other, new float[Size(layer)], Scratch(layer, 40)).ToArray();

        for (var i = 4 * layer.OutputSize; i < outputs.Length; i++)        // the deviation of one timestep is a guess
        {
            Assert.Equal(512 * outputs[i] + 4096, changed[i], 0.01);
        }
    }

    [Fact]
    public void A_stream_that_does_not_move_is_no_trouble()
    {
        var layer = Layer();

        foreach (var value in new[] { 0, 1, -1e6f, 3e38f, 1e-30f })
        {
            var outputs = layer.Run(1, 20, Enumerable.Repeat(value, 20 * Features).ToArray(), new float[Size(layer)], Scratch(layer, 20)).ToArray();
            Assert.All(outputs, output => Assert.False(float.IsNaN(output)));
        }
    }

    static RunningNormLayer Layer()
    {
        var random = new Pcg32(5);
        float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
        var elman = new ElmanLayer("elman", PackedMatrix.Of(Precision.Float32, Hidden, Features, Weights(Hidden * Features)), PackedMatrix.Of(Precision.Float32, Hidden, Hidden, Weights(Hidden * Hidden)), Weights(Hidden), Activation.Tanh);
        var dense = new DenseLayer(PackedMatrix.Of(Precision.Float32, 4, Hidden, Weights(4 * Hidden)), Weights(4), Activation.None);
        return new("norm", Window, new SequentialLayer(Features, [elman, dense]));
    }

    static float[] Stream(ulong seed, int timesteps)
    {
        var random = new Pcg32(seed);
        return [.. Enumerable.Range(0, timesteps * Features).Select(_ => (float)random.NextDouble())];
    }

    static int Size(Layer layer) => layer.StateParts.Sum(part => part.Size);

    static float[] Scratch(Layer layer, int rows) => new float[rows * layer.ScratchSize];
}
