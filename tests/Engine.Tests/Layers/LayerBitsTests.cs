using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Tests.Layers;

/// <summary>The promise of the engine for every kind of layer: a sequence gets the same bits alone and in any batch, in steps and at once.</summary>
public sealed class LayerBitsTests
{
    const int Inputs = 5;
    const int Hidden = 21;
    const int Batch = 7;
    const int Timesteps = 6;

    public static TheoryData<string> Kinds() => [.. Stacks.Keys];

    static Dictionary<string, LayerManifest[]> Stacks { get; } = new()
    {
        ["elman"] = [new ElmanManifest { Name = "a", HiddenSize = Hidden, Activation = new(ActivationKind.Softsign), Clip = 0.5f }],
        ["lstm"] = [new LstmManifest { Name = "a", HiddenSize = Hidden }, new LstmManifest { Name = "b", HiddenSize = Hidden, RecurrentActivation = new(ActivationKind.HardSigmoid) }],
        ["projection"] = [new LstmManifest { Name = "a", HiddenSize = Hidden, ProjectionSize = 4 }, new LstmManifest { Name = "b", HiddenSize = Hidden, Peepholes = true }],
        ["coupled"] = [new LstmManifest { Name = "a", HiddenSize = Hidden, InputForget = true, Clip = 0.4f }],
        ["gru"] = [new GruManifest { Name = "a", HiddenSize = Hidden, ResetAfter = false }, new GruManifest { Name = "b", HiddenSize = Hidden, RecurrentActivation = new(ActivationKind.HardSigmoid) }],
        ["gru-before"] = [new GruManifest { Name = "a", HiddenSize = Hidden, ResetAfter = false, Activation = Activation.Relu, Clip = 1 }],
        ["heads"] =
        [
            new GruManifest { Name = "a", HiddenSize = Hidden },
            new LayerNormManifest { Name = "n" },
            new AffineManifest { Name = "m" },
            new ParallelManifest { Branches = [[new ActivationManifest { Activation = Activation.Softmax }], [new DenseManifest { Name = "d", Size = Hidden, Activation = new(ActivationKind.Gelu) }]], Merge = Merge.Sum },
        ],
        ["parallel"] =
        [
            new ParallelManifest { Branches = [[new GruManifest { Name = "a", HiddenSize = Hidden }], [new LstmManifest { Name = "b", HiddenSize = Hidden, Clip = 2 }]], Merge = Merge.Average },
            new ElmanManifest { Name = "c", HiddenSize = Hidden },
        ],
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_sequence_gets_the_same_bits_alone_and_in_a_batch_in_steps_and_at_once(string kind)
    {
        var network = Build(Stacks[kind]);
        var random = new Random(3);
        var inputs = Enumerable.Range(0, Timesteps * Batch * Inputs).Select(_ => random.NextSingle() * 2 - 1).ToArray();

        var (outputs, state) = Run(network, Batch, Timesteps, inputs);

        for (var row = 0; row < Batch; row++)
        {
            var own = Enumerable.Range(0, Timesteps).SelectMany(t => inputs.AsSpan((t * Batch + row) * Inputs, Inputs).ToArray()).ToArray();
            var (alone, aloneState) = Run(network, 1, Timesteps, own);
            var stepState = new float[network.StateSize];
            for (var t = 0; t < Timesteps; t++)
            {
                var expected = outputs.AsSpan((t * Batch + row) * network.OutputSize, network.OutputSize).ToArray();
                var step = Output(network, 1, 1, own.AsSpan(t * Inputs, Inputs), stepState);
                Assert.Equal(expected, alone.AsSpan(t * network.OutputSize, network.OutputSize).ToArray());
                Assert.Equal(expected, step);
                Assert.Equal(expected, network.OutputAt(stepState, new float[network.ScratchSize]).ToArray());
            }

            Assert.Equal(aloneState, stepState);
            Assert.Equal(aloneState, StateOf(network, state, row));
        }
    }

    static FeatureCodec Codec => new([.. Enumerable.Range(0, Inputs).Select(index => new Quantity($"{index}"))]);

    static Network Build(LayerManifest[] layers)
    {
        // Whatever tensor a layer asks for, it gets, in the shape that it asks for.
        var tensors = new List<Tensor>();
        while (true)
        {
            try
            {
                return new NetworkBuilder(new WeightSet("file", tensors), Codec, Precision.Float32).Build(layers);
            }
            catch (EngineException exception) when (exception.Message.Contains("is missing", StringComparison.Ordinal))
            {
                tensors.Add(new Tensor(exception.Message.Split('\'')[1], [0], []));
            }
            catch (EngineException exception) when (exception.Message.Contains("the layers need", StringComparison.Ordinal))
            {
                var shape = exception.Message[(exception.Message.LastIndexOf('[') + 1)..].TrimEnd('.', ']').Split(", ").Select(int.Parse).ToArray();
                var random = new Random(tensors.Count);
                tensors[^1] = new Tensor(tensors[^1].Name, shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)]);
            }
        }
    }

    static (float[] Outputs, float[] State) Run(Network network, int batch, int timesteps, float[] inputs)
    {
        var state = new float[batch * network.StateSize];
        return (Output(network, batch, timesteps, inputs, state), state);
    }

    static float[] Output(Network network, int batch, int timesteps, ReadOnlySpan<float> inputs, float[] state)
    {
        var rows = batch * timesteps;
        var tops = network.Run(batch, timesteps, StepInput.Of(inputs), state, new float[rows * network.ScratchSize]);
        return network.Read(rows, tops, new float[rows * network.ScratchSize]).ToArray();
    }

    static float[] StateOf(Network network, float[] block, int row)
    {
        var (state, offset) = (new List<float>(), 0);
        foreach (var part in network.StateParts)
        {
            state.AddRange(block.AsSpan(Batch * offset + row * part.Size, part.Size));
            offset += part.Size;
        }

        return [.. state];
    }
}
