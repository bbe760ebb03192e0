using System.Buffers;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Models;

/// <summary>A model computed by the engine's own layers.</summary>
/// <param name="network">The layers.</param>
/// <param name="parameterCount">The number of weights and biases.</param>
sealed class LayerRuntime(Network network, long parameterCount) : ModelRuntime
{
    // 128 MiB: what a sequence may take that has to be run as a whole.
    const int MaxScratchFloats = 32 << 20;

    public override IReadOnlyList<StatePart> StateParts => network.StateParts;

    public override float[] InitialState => network.InitialState;

    public override int OutputSize => network.OutputSize;

    public override long ParameterCount => parameterCount;

    public override bool IsCausal => network.IsCausal;

    public override bool ReadsLastOnly => network.Timesteps(2) == 1;

    public override int MaxTimestepsAtOnce => MaxTimesteps(network);

    /// <summary>The most timesteps of a network that can be run at once.</summary>
    public static int MaxTimesteps(Network network) => MaxScratchFloats / network.ScratchSize;

    public override void Run(
        ReadOnlySpan<RecurrentState> states, int timesteps, StepInput input, ReadOnlySpan<int> reads, Span<float> outputs)
    {
        var batch = states.Length;
        var (blockSize, runSize) = (batch * network.StateSize, timesteps * batch * network.ScratchSize);
        var memory = ArrayPool<float>.Shared.Rent(blockSize + runSize + reads.Length * (network.TopSize + network.ScratchSize));
        var block = batch == 1 ? states[0].Mutable : memory.AsSpan(0, blockSize);      // one state lies as the layers want it
        if (batch > 1)
        {
            StateBatch.Gather(network.StateParts, states, block);
        }

        var tops = network.Run(batch, timesteps, input, block, memory.AsSpan(blockSize, runSize));
        if (!reads.IsEmpty)
        {
            Read(tops, reads, memory.AsSpan(blockSize + runSize)).CopyTo(outputs);
        }

        if (batch > 1)
        {
            StateBatch.Scatter(network.StateParts, block, states);
        }

        ArrayPool<float>.Shared.Return(memory);
    }

    public override bool Traces => network.IsCausal;

    internal override float[] Trace(RecurrentState state, StepInput input, LayerTrace trace)
    {
        var scratch = ArrayPool<float>.Shared.Rent(2 * network.ScratchSize + network.TopSize);
        var top = scratch.AsSpan(0, network.TopSize);
        network.Trace(input, state.Mutable, scratch.AsSpan(network.TopSize), trace).CopyTo(top);
        var output = network.Read(1, top, scratch.AsSpan(network.TopSize)).ToArray();
        ArrayPool<float>.Shared.Return(scratch);
        return output;
    }

    public override bool IsDifferentiable => network.IsCausal && network.IsDifferentiable;

    internal override float[] VectorOf(StepInput input) => network.VectorOf(input);

    internal override float[][] GradientOf(RecurrentState state, IReadOnlyList<float[]> inputs, Func<float[], int> output) =>
        network.GradientOf(inputs, state.Mutable[..network.StateSize], output);

    public override float[] OutputAt(RecurrentState state)
    {
        var scratch = ArrayPool<float>.Shared.Rent(network.ScratchSize);
        var output = network.OutputAt(state.Values, scratch).ToArray();
        ArrayPool<float>.Shared.Return(scratch);
        return output;
    }

    ReadOnlySpan<float> Read(ReadOnlySpan<float> tops, ReadOnlySpan<int> reads, Span<float> scratch)
    {
        var width = network.TopSize;
        var chosen = scratch[..(reads.Length * width)];
        for (var read = 0; read < reads.Length; read++)
        {
            // A network that passes on the last timestep only has one output, which is that timestep's.
            var row = Math.Min(reads[read], tops.Length / width - 1);
            tops.Slice(row * width, width).CopyTo(chosen[(read * width)..]);
        }

        return network.Read(reads.Length, chosen, scratch[chosen.Length..]);
    }
}
