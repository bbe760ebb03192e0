using Rnn.Engine.Codecs;
using Rnn.Engine.Formats;
using Rnn.Engine.Models;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Builds the network that a file describes, and runs one sequence through it as a whole.</summary>
static class Reading
{
    /// <summary>Runs vectors, from the zero or the file's initial state.</summary>
    /// <returns>The output of every timestep; one only, of a network that is not causal and passes on the last timestep.</returns>
    public static float[][] Run(ModelFile file, float[][] vectors) => Run(file, vectors, null, out _);

    /// <summary>Runs vectors.</summary>
    /// <param name="file">What a reader gave.</param>
    /// <param name="vectors">[T][I].</param>
    /// <param name="initialState">The state to begin from: of each layer, from below, h and then c; null for the file's own.</param>
    /// <param name="finalState">The state after all, in the same order.</param>
    public static float[][] Run(ModelFile file, float[][] vectors, float[]? initialState, out float[] finalState)
    {
        var inputs = new InputSequence(vectors.SelectMany(vector => vector).ToArray(), vectors[0].Length);
        return Run(file, inputs, takesTokens: false, vectors[0].Length, initialState, out finalState);
    }

    /// <summary>Runs tokens.</summary>
    /// <param name="file">What a reader gave.</param>
    /// <param name="tokens">[T].</param>
    /// <param name="vocabularySize">V; only of a network without an embedding.</param>
    public static float[][] Run(ModelFile file, int[] tokens, int? vocabularySize = null)
    {
        var size = vocabularySize ?? ((Manifests.TokenIndexInput)Interface.InputOf(file.Layers!, file.Tensors)).Size!.Value;
        return Run(file, new InputSequence(tokens), takesTokens: true, size, null, out _);
    }

    static float[][] Run(ModelFile file, InputSequence inputs, bool takesTokens, int width, float[]? initialState, out float[] finalState)
    {
        var weights = new WeightSet("file", file.Tensors);
        InputCodec codec = takesTokens ? new TokenIndexCodec(width) : new FeatureCodec([.. Enumerable.Range(0, width).Select(index => new Quantity($"{index}"))]);
        var network = new NetworkBuilder(weights, codec, Precision.Float32).Build(file.Layers!);
        weights.ExpectEmpty();

        // What is masked is skipped; its output is the one before, which a test that looks at it must know.
        var kept = Mask.Of(file.Layers!)?.Kept(inputs) is { } timesteps ? inputs.Of(timesteps) : inputs;
        var state = initialState?.ToArray() ?? [.. network.InitialState, .. new float[network.StateSize - network.InitialState.Length]];
        var tops = network.Run(1, kept.Length, kept.At(0, kept.Length), state, new float[kept.Length * network.ScratchSize]).ToArray();
        var rows = tops.Length / network.TopSize;
        var outputs = network.Read(rows, tops, new float[rows * network.ScratchSize]).ToArray();
        finalState = state;
        return [.. outputs.Chunk(network.OutputSize)];
    }
}
