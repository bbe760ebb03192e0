using System.Buffers;
using System.Numerics.Tensors;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

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
    /// Whether the output can be the next input: the next token, or values that are the features themselves.
    /// </summary>
    public bool Generates => (Input, Output) switch
    {
        (TokenCodec, NextTokenHead) => true,
        (FeatureCodec features, ValueHead values) =>
            features.Features.Select(feature => feature.Name).SequenceEqual(values.Quantities.Select(value => value.Name)),
        _ => false,
    };

    /// <summary>Advances the state of every sequence by one timestep.</summary>
    /// <param name="states">The states of B sequences of this model, no two the same; advanced in place.</param>
    /// <param name="input">One token or one vector for each sequence.</param>
    public void Step(ReadOnlySpan<RecurrentState> states, StepInput input)
    {
        var batch = states.Length;
        var scratch = ArrayPool<float>.Shared.Rent(batch * (_network.ScratchSize + _network.StateSize));
        var block = scratch.AsSpan(batch * _network.ScratchSize, batch * _network.StateSize);
        if (batch == 1)
        {
            _network.Run(1, 1, input, states[0].Buffer, scratch);
        }
        else
        {
            StateBatch.Gather(states, block);
            _network.Run(batch, 1, input, block, scratch);
            StateBatch.Scatter(block, states);
        }

        ArrayPool<float>.Shared.Return(scratch);
        foreach (var state in states)
        {
            state.Step++;
        }
    }

    /// <summary>Advances one sequence by T timesteps whose inputs are all known: faster than T steps, with the same bits.</summary>
    /// <param name="state">The sequence's state; advanced in place.</param>
    /// <param name="input">T tokens or vectors.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="outputs">The network's output after every timestep, [T, O]; empty if they are not read.</param>
    /// <exception cref="EngineException">An output is not finite.</exception>
    public void Run(RecurrentState state, StepInput input, int timesteps, Span<float> outputs)
    {
        var size = timesteps * _network.ScratchSize;
        var scratch = ArrayPool<float>.Shared.Rent(outputs.IsEmpty ? size : 2 * size);
        var tops = _network.Run(1, timesteps, input, state.Buffer, scratch.AsSpan(0, size));
        state.Step += timesteps;
        if (!outputs.IsEmpty)
        {
            _network.Read(timesteps, tops, scratch.AsSpan(size)).CopyTo(outputs);
        }

        ArrayPool<float>.Shared.Return(scratch);
        ExpectFinite(outputs);
    }

    /// <summary>Reads the network's output at the present state, [O]: logits, or scaled values.</summary>
    /// <exception cref="EngineException">The output is not finite.</exception>
    public float[] Read(RecurrentState state)
    {
        var scratch = ArrayPool<float>.Shared.Rent(_network.ScratchSize);
        var output = _network.Read(1, _network.Top(state.Values), scratch).ToArray();
        ArrayPool<float>.Shared.Return(scratch);
        ExpectFinite(output);
        return output;
    }

    static void ExpectFinite(ReadOnlySpan<float> outputs)
    {
        if (!outputs.IsEmpty && !TensorPrimitives.IsFiniteAll(outputs))       // of nothing, "all" is false there
        {
            throw new EngineException(
                ErrorKind.InvalidInput, "The inputs drive the network out of the range of float32; its output is not finite.");
        }
    }
}
