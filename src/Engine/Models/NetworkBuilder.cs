using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>Builds a network from the manifest's layers; each takes its tensors with their exact shapes.</summary>
/// <param name="weights">What the layers take from.</param>
/// <param name="input">What gives the inputs.</param>
/// <param name="precision">How weights are kept.</param>
/// <param name="memory">What an encoder leaves; null without one.</param>
sealed class NetworkBuilder(WeightSet weights, InputCodec input, Precision precision, MemoryShape? memory = null)
{
    const int MaxSize = 1 << 16;
    const int MaxDepth = 8;
    const int MaxOneHot = 4_096;        // beyond, one vector for each token would take more than 64 MiB

    readonly RecurrentBuilder _recurrent = new(weights, precision);
    Embedding? _embedding;

    bool TakesTokens => input is TokenCodec;

    public Network Build(IReadOnlyList<LayerManifest> manifests)
    {
        manifests = [.. manifests.Where(manifest => manifest is not DropoutManifest)];
        var stack = manifests.SkipWhile(manifest => manifest is MaskingManifest or EmbeddingManifest).ToList();
        foreach (var (index, manifest) in manifests.Take(manifests.Count - stack.Count).Index())
        {
            Begin($"layers[{index}]", manifest);
        }

        if (input is WordFeatureCodec && stack is not [EmbeddingsManifest, ..])
        {
            throw EngineException.Model("model.json: layers[0] must be embeddings: what word-features give are indices.");
        }

        if (TakesTokens && _embedding is null && input.Size > MaxOneHot)
        {
            throw EngineException.Model(
                $"model.json: the vocabulary has {input.Size} tokens; above {MaxOneHot} the first layer must be an embedding.");
        }

        var embedding = _embedding ?? (TakesTokens ? Embedding.OneHot(input.Size) : null);
        var layers = WithoutLast(Stack("layers", stack, embedding?.Size ?? input.Size, manifests.Count - stack.Count, depth: 0));
        ExpectRecurrent(layers);
        ExpectAttentionAbove(layers);
        return new Network(embedding, layers, _recurrent.InitialState);
    }

    /// <summary>What may stand before everything else: a mask, which the codec's inputs are tested by, and an embedding.</summary>
    void Begin(string where, LayerManifest manifest)
    {
        if (manifest is MaskingManifest)
        {
            if (TakesTokens || _embedding is not null || where != "layers[0]")
            {
                throw EngineException.Model($"model.json: {where} is a masking; one may stand first, in a model of features. Tokens are masked by maskZero of the embedding.");
            }

            return;
        }

        var embedding = (EmbeddingManifest)manifest;
        if (!TakesTokens || _embedding is not null)
        {
            throw EngineException.Model($"model.json: {where} is an embedding; one may stand first, in a model of characters, words or tokens.");
        }

        Expect(where, "size", embedding.Size);
        _embedding = new Embedding(input.Size, embedding.Size, weights.Take($"{embedding.Name}.weight", input.Size, embedding.Size));
    }

    List<Layer> Stack(string where, IReadOnlyList<LayerManifest> manifests, int width, int firstIndex, int depth)
    {
        var layers = new List<Layer>();
        foreach (var (index, manifest) in manifests.Index())
        {
            if (IsRecurrent(manifest) && layers.Exists(below => below.Timesteps(2) == 1))
            {
                throw EngineException.Model($"model.json: {where}[{firstIndex + index}] is recurrent and stands after one that passes on the last timestep only.");
            }

            foreach (var layer in Layers($"{where}[{firstIndex + index}]", manifest, width, depth))
            {
                layers.Add(layer);
                width = layer.OutputSize;
            }
        }

        return layers;
    }

    List<Layer> Layers(string where, LayerManifest manifest, int width, int depth)
    {
        switch (manifest)
        {
            case RecurrentManifest recurrent:
                return _recurrent.Build(where, recurrent, width);
            case ParallelManifest parallel:
                return [Parallel(where, parallel, width, depth)];
            case RunningNormManifest norm:
                return [RunningNorm(where, norm, width, depth)];
            case EmbeddingsManifest embeddings:
                return [Embeddings(where, embeddings)];
            case AttentionManifest attention:
                return [Attention(where, attention, width, depth)];
            case ReverseManifest:
                return [new ReverseLayer(width)];
            case LastManifest:
                return [new LastLayer(width)];
            case DenseManifest dense:
                Expect(where, "size", dense.Size);
                return [new DenseLayer(
                    PackedMatrix.Of(precision, dense.Size, width, weights.Take($"{dense.Name}.weight", dense.Size, width)),
                    dense.Bias ? weights.Take($"{dense.Name}.bias", dense.Size) : [],
                    dense.Activation)];
            case ActivationManifest activation:
                return [new ActivationLayer(width, activation.Activation)];
            case AffineManifest affine:
                return [new AffineLayer(weights.Take($"{affine.Name}.weight", width), weights.Take($"{affine.Name}.bias", width))];
            case LayerNormManifest { Epsilon: < 0 or float.NaN }:
                throw EngineException.Model($"model.json: {where}.epsilon must be 0 or more.");
            case LayerNormManifest norm:
                return [new LayerNormLayer(weights.Take($"{norm.Name}.weight", width), weights.Take($"{norm.Name}.bias", width), norm.Epsilon)];
            case DropoutManifest:
                return [];
            default:
                throw EngineException.Model($"model.json: {where}: an embedding or a masking may stand first only.");
        }
    }

    static bool IsRecurrent(LayerManifest manifest) =>
        manifest is RecurrentManifest or RunningNormManifest || (manifest is ParallelManifest parallel && parallel.Branches.Any(branch => branch.Any(IsRecurrent)));

    EmbeddingsLayer Embeddings(string where, EmbeddingsManifest manifest)
    {
        if (input is not WordFeatureCodec words || where != "layers[0]" || words.Columns.Count != manifest.Sizes.Count)
        {
            throw EngineException.Model($"model.json: {where} are embeddings; they stand first, in a model of word-features, with a size for each column.");
        }

        return new EmbeddingsLayer([.. words.Columns.Zip(manifest.Sizes).Select((column, index) =>
        {
            Expect(where, $"sizes[{index}]", column.Second);
            return new Embedding(column.First.Size, column.Second, weights.Take($"{manifest.Name}.{index}.weight", column.First.Size, column.Second));
        })]);
    }

    AttentionLayer Attention(string where, AttentionManifest manifest, int width, int depth)
    {
        if (memory is null || depth > 0)
        {
            throw EngineException.Model($"model.json: {where} is an attention; one may stand in the decoder of an encoder-decoder, in no branch.");
        }

        if (manifest.Score == AttentionKind.Additive)
        {
            Expect(where, "size", manifest.Size);
        }

        return new AttentionLayer(manifest.Name, Score(where, manifest, memory, width), memory);
    }

    AttentionScore Score(string where, AttentionManifest manifest, MemoryShape shape, int width) => manifest.Score switch
    {
        AttentionKind.General => new GeneralScore(
            PackedMatrix.Of(precision, shape.Width, width, Transposed(weights.Take($"{manifest.Name}.weight", width, shape.Width), shape.Width))),
        AttentionKind.Additive => new AdditiveScore(
            PackedMatrix.Of(precision, manifest.Size, width, weights.Take($"{manifest.Name}.query.weight", manifest.Size, width)),
            PackedMatrix.Of(precision, manifest.Size, shape.Width, weights.Take($"{manifest.Name}.memory.weight", manifest.Size, shape.Width)),
            weights.Take($"{manifest.Name}.score.weight", 1, manifest.Size),
            shape.MaxLength),
        _ => shape.Width == width
            ? new DotScore(width)
            : throw EngineException.Model($"model.json: {where}: a dot product takes equal widths; the layer below gives {width}, the encoder {shape.Width}."),
    };

    static float[] Transposed(float[] matrix, int columns)
    {
        var rows = matrix.Length / columns;
        var transposed = new float[matrix.Length];
        for (var i = 0; i < matrix.Length; i++)
        {
            transposed[i % columns * rows + i / columns] = matrix[i];
        }

        return transposed;
    }

    ParallelLayer Parallel(string where, ParallelManifest manifest, int width, int depth)
    {
        if (manifest.Branches.Count < 2 || depth == MaxDepth)
        {
            throw EngineException.Model($"model.json: {where}.branches must be two or more, no more than {MaxDepth} deep in one another.");
        }

        var branches = manifest.Branches
            .Select((branch, index) => new SequentialLayer(width, Stack($"{where}.branches[{index}]", branch, width, 0, depth + 1)))
            .ToList();
        var first = branches[0];
        if (branches.Exists(branch => branch.StateParts.Count > 0 != first.StateParts.Count > 0))
        {
            throw EngineException.Model($"model.json: {where}: one of the branches holds a recurrent layer; then all must, as the output could not be read from the state otherwise.");
        }

        if (branches.Exists(branch => branch.Timesteps(2) != first.Timesteps(2)))
        {
            throw EngineException.Model($"model.json: {where}: some of the branches pass on the last timestep only, others all of them.");
        }

        if (branches.Sum(branch => (long)branch.OutputSize) > MaxSize)
        {
            throw EngineException.Model($"model.json: {where}: together its branches are wider than {MaxSize}.");
        }

        return manifest.Merge == Merge.Concat || branches.TrueForAll(branch => branch.OutputSize == first.OutputSize)
            ? new ParallelLayer(branches, manifest.Merge)
            : throw EngineException.Model(
                $"model.json: {where}: outputs of widths {string.Join(", ", branches.Select(branch => branch.OutputSize))} can only be concatenated.");
    }

    RunningNormLayer RunningNorm(string where, RunningNormManifest manifest, int width, int depth)
    {
        if (depth == MaxDepth)
        {
            throw EngineException.Model($"model.json: {where}.layers may be no more than {MaxDepth} deep in one another.");
        }

        if (manifest.Window is < 2 or > 1 << 20)
        {
            throw EngineException.Model($"model.json: {where}.window is {manifest.Window}; it must be 2 to {1 << 20}.");
        }

        var layers = new SequentialLayer(width, Stack($"{where}.layers", [.. manifest.Layers.Where(layer => layer is not DropoutManifest)], width, 0, depth + 1));
        if (!manifest.Layers.Any(IsRecurrent) || !layers.IsCausal || layers.Timesteps(2) == 1)
        {
            throw EngineException.Model($"model.json: {where}.layers must hold a recurrent layer, and tell an output at each timestep that depends on no later one.");
        }

        return layers.OutputSize % width == 0
            ? new RunningNormLayer(manifest.Name, manifest.Window, layers)
            : throw EngineException.Model($"model.json: {where}.layers give {layers.OutputSize} outputs; it must be a multiple of the {width} features, whose scale they are put back on.");
    }

    /// <summary>
    /// If every other layer is causal, so is the network without those that pass on the last timestep: whoever wants only the
    /// last output reads only that one.
    /// </summary>
    static List<Layer> WithoutLast(List<Layer> layers)
    {
        var others = layers.FindAll(layer => layer is not LastLayer);
        return others.TrueForAll(layer => layer.IsCausal) ? others : layers;
    }

    static void ExpectAttentionAbove(List<Layer> layers)
    {
        if (layers.FindIndex(layer => layer is AttentionLayer) is >= 0 and var attention && attention < layers.FindLastIndex(layer => layer.IsRecurrent))
        {
            throw EngineException.Model("model.json: an attention stands above the decoder's last recurrent layer, whose output is its query.");
        }
    }

    static void ExpectRecurrent(List<Layer> layers)
    {
        var parts = layers.SelectMany(layer => layer.StateParts).ToList();
        if (!layers.Exists(layer => layer.IsRecurrent))
        {
            throw EngineException.Model("model.json: layers holds no recurrent layer (elman, lstm or gru).");
        }

        if (parts.GroupBy(part => (part.Layer, part.Kind)).FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw EngineException.Model($"model.json: two layers are named '{twins.Key.Layer}'.");
        }
    }

    static void Expect(string where, string property, int value)
    {
        if (value is < 1 or > MaxSize)
        {
            throw EngineException.Model($"model.json: {where}.{property} is {value}; it must be 1 to {MaxSize}.");
        }
    }
}
