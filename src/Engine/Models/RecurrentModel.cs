using System.Buffers;
using System.Numerics.Tensors;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>
/// A model that can be served: input codec, network and output head. One pure function, applied at every timestep:
/// <code>
/// (state, input) -> (state', output)
/// </code>
/// Immutable and safe to share; all that changes lies in the <see cref="RecurrentState"/> that is passed in.
/// </summary>
public sealed class RecurrentModel
{
    readonly Network _network;

    internal RecurrentModel(
        string name, int version, ModelManifest manifest, InputCodec input, Network network, OutputHead output, StateLayout layout,
        long parameterCount)
    {
        Name = name;
        Version = version;
        Manifest = manifest;
        Input = input;
        Output = output;
        Layout = layout;
        ParameterCount = parameterCount;
        _network = network;
    }

    /// <summary>The name of the model's folder.</summary>
    public string Name { get; }

    /// <summary>The number of the version's folder.</summary>
    public int Version { get; }

    /// <summary>What <c>model.json</c> says.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>How the user's input is read.</summary>
    public InputCodec Input { get; }

    /// <summary>How the network's output is told to the user.</summary>
    public OutputHead Output { get; }

    /// <summary>What a state of this model holds.</summary>
    public StateLayout Layout { get; }

    /// <summary>The number of weights and biases.</summary>
    public long ParameterCount { get; }

    /// <summary>
    /// What a precision below float32 costs: the largest difference of an output from float32's, over the model's examples. Null
    /// in float32, or without examples.
    /// </summary>
    public float? PrecisionError { get; internal set; }

    /// <summary>
    /// Whether the output can be the next input: the next token, or values that are the features themselves.
    /// </summary>
    public bool Generates => (Input, Output) switch
    {
        (TokenCodec, NextTokenHead) => true,
        (FeatureCodec features, ValueHead values) =>
            features.Features.Select(feature => feature.Name).SequenceEqual(values.Quantities.Select(value => value.Name)),
        _ => false,
    };

    /// <summary>
    /// Advances several sequences by T timesteps whose inputs are all known. The bits are those of T steps of each alone.
    /// </summary>
    /// <param name="states">The states of B sequences of this model, no two the same; advanced in place.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="input">T * B tokens or vectors: those of the first timestep, of the second, and so on.</param>
    /// <param name="reads">Which outputs are read, in rising order: timestep t of sequence b is t * B + b.</param>
    /// <param name="outputs">[reads, O]: the network's outputs, logits or scaled values.</param>
    public void Run(ReadOnlySpan<RecurrentState> states, int timesteps, StepInput input, ReadOnlySpan<int> reads, Span<float> outputs)
    {
        var batch = states.Length;
        var (blockSize, runSize) = (batch * _network.StateSize, timesteps * batch * _network.ScratchSize);
        var memory = ArrayPool<float>.Shared.Rent(blockSize + runSize + reads.Length * (_network.TopSize + _network.ScratchSize));
        var block = batch == 1 ? states[0].Buffer : memory.AsSpan(0, blockSize);      // one state lies as the layers want it
        if (batch > 1)
        {
            StateBatch.Gather(states, block);
        }

        var tops = _network.Run(batch, timesteps, input, block, memory.AsSpan(blockSize, runSize));
        if (!reads.IsEmpty)
        {
            Read(tops, reads, memory.AsSpan(blockSize + runSize)).CopyTo(outputs);
        }

        if (batch > 1)
        {
            StateBatch.Scatter(block, states);
        }

        ArrayPool<float>.Shared.Return(memory);
        foreach (var state in states)
        {
            state.Step += timesteps;
        }
    }

    /// <summary>Advances every sequence by one timestep and reads nothing.</summary>
    /// <inheritdoc cref="Run" path="/param"/>
    public void Step(ReadOnlySpan<RecurrentState> states, StepInput input) => Run(states, 1, input, [], []);

    /// <summary>Reads the network's output at the present state, [O]: logits, or scaled values.</summary>
    /// <exception cref="EngineException">The output is not finite.</exception>
    public float[] Read(RecurrentState state)
    {
        var scratch = ArrayPool<float>.Shared.Rent(_network.ScratchSize);
        var output = _network.Read(1, _network.Top(state.Values), scratch).ToArray();
        ArrayPool<float>.Shared.Return(scratch);
        return IsFinite(output) ? output : throw NotFinite();
    }

    internal static bool IsFinite(ReadOnlySpan<float> output) => TensorPrimitives.IsFiniteAll(output);

    internal static EngineException NotFinite() =>
        new(ErrorKind.InvalidInput, "The inputs drive the network out of the range of float32; its output is not finite.");

    ReadOnlySpan<float> Read(ReadOnlySpan<float> tops, ReadOnlySpan<int> reads, Span<float> scratch)
    {
        var width = _network.TopSize;
        var chosen = scratch[..(reads.Length * width)];
        for (var read = 0; read < reads.Length; read++)
        {
            tops.Slice(reads[read] * width, width).CopyTo(chosen[(read * width)..]);
        }

        return _network.Read(reads.Length, chosen, scratch[chosen.Length..]);
    }
}
