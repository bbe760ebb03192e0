using Rnn.Engine.Layers;
using Rnn.Engine.Numerics;

namespace Rnn.Bench.Peers;

/// <summary>The engine's network, as the server calls it.</summary>
static class Ours
{
    /// <returns>One step or sequence; gives the last layer's hidden states [B, H], or the logits [B, V].</returns>
    public static Func<float[]> Build(Work work, LstmWeights weights, Precision precision)
    {
        var hidden = work.Hidden;
        var layers = new List<Layer>(weights.Layers.Select((layer, index) => new LstmLayer(
            $"lstm.{index}",
            PackedMatrix.Of(precision, 4 * hidden, work.InputsOf(index), layer.Ih, 4),
            PackedMatrix.Of(precision, 4 * hidden, hidden, layer.Hh, 4),
            layer.Bias)));
        if (work.Tokens > 0)
        {
            layers.Add(new DenseLayer(PackedMatrix.Of(precision, work.Tokens, hidden, weights.Head), weights.HeadBias, Activation.None));
        }

        var network = new Network(work.Tokens > 0 ? new Embedding(work.Tokens, work.Inputs, weights.Embedding) : null, layers, []);
        var states = new float[work.Batch * network.StateSize];
        var scratch = new float[Math.Max(work.Batch, 128) * network.ScratchSize];
        var readScratch = new float[work.Batch * network.ScratchSize];
        var result = new float[work.Batch * Math.Max(hidden, work.Tokens)];
        if (work.Tokens > 0)
        {
            return () =>
            {
                var tops = network.Run(work.Batch, 1, StepInput.Of(weights.Tokens), states, scratch);
                network.Read(work.Batch, tops, readScratch).CopyTo(result);
                return result;
            };
        }

        // In the stretches that the server makes of a sequence.
        var stretch = Math.Min(work.Timesteps, StretchOf(work.Batch));
        return () =>
        {
            for (var t = 0; t < work.Timesteps; t += stretch)
            {
                var x = weights.X.AsSpan(t * work.Batch * work.Inputs, stretch * work.Batch * work.Inputs);
                network.Run(work.Batch, stretch, StepInput.Of(x), states, scratch);
            }

            return states;
        };
    }

    static int StretchOf(int batch) => Math.Clamp(128 / batch, 1, 32);
}
