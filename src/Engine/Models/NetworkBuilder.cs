using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>Builds a network from the manifest's layers; each takes its tensors with their exact shapes.</summary>
/// <param name="weights">What the layers take from.</param>
/// <param name="inputSize">V of a token model, or I of a model of vectors.</param>
/// <param name="takesTokens">Whether the inputs are tokens.</param>
/// <param name="precision">How weights are kept.</param>
sealed class NetworkBuilder(WeightSet weights, int inputSize, bool takesTokens, Precision precision)
{
    const int MaxSize = 1 << 16;
    const int MaxLayers = 64;
    const int MaxOneHot = 4_096;        // beyond, one vector for each token would take more than 64 MiB

    readonly List<Layer> _layers = [];
    Embedding? _embedding;

    int Width => _layers is [.., var last] ? last.OutputSize : _embedding?.Size ?? inputSize;

    public Network Build(IReadOnlyList<LayerManifest> manifests)
    {
        foreach (var (index, manifest) in manifests.Index())
        {
            Add($"layers[{index}]", manifest);
        }

        if (!_layers.Exists(layer => layer.StateParts.Count > 0))
        {
            throw EngineException.Model("model.json: layers holds no recurrent layer (elman, lstm or gru).");
        }

        var parts = _layers.SelectMany(layer => layer.StateParts).GroupBy(part => (part.Layer, part.Kind));
        if (parts.FirstOrDefault(group => group.Count() > 1) is { } twins)
        {
            throw EngineException.Model($"model.json: two layers are named '{twins.Key.Layer}'.");
        }

        if (takesTokens && _embedding is null && inputSize > MaxOneHot)
        {
            throw EngineException.Model(
                $"model.json: the vocabulary has {inputSize} tokens; above {MaxOneHot} the first layer must be an embedding.");
        }

        return new Network(_embedding ?? (takesTokens ? Embedding.OneHot(inputSize) : null), _layers);
    }

    void Add(string where, LayerManifest manifest)
    {
        switch (manifest)
        {
            case EmbeddingManifest embedding:
                if (!takesTokens || _embedding is not null || _layers.Count > 0)
                {
                    throw EngineException.Model($"model.json: {where} is an embedding; one may stand first, in a model of characters or words.");
                }

                Expect(where, "size", embedding.Size, MaxSize);
                _embedding = new Embedding(
                    inputSize, embedding.Size, weights.Take($"{embedding.Name}.weight", inputSize, embedding.Size));
                break;
            case RecurrentManifest recurrent:
                Expect(where, "hiddenSize", recurrent.HiddenSize, MaxSize);
                Expect(where, "layers", recurrent.Layers, MaxLayers);
                for (var layer = 0; layer < recurrent.Layers; layer++)
                {
                    _layers.Add(Recurrent(where, recurrent, layer));
                }

                break;
            case DenseManifest dense:
                Expect(where, "size", dense.Size, MaxSize);
                _layers.Add(new DenseLayer(
                    PackedMatrix.Of(precision, dense.Size, Width, weights.Take($"{dense.Name}.weight", dense.Size, Width)),
                    dense.Bias ? weights.Take($"{dense.Name}.bias", dense.Size) : [],
                    dense.Activation));
                break;
            case DropoutManifest:
                break;
        }
    }

    Layer Recurrent(string where, RecurrentManifest manifest, int layer)
    {
        var name = $"{manifest.Name}.{layer}";
        switch (manifest)
        {
            case ElmanManifest { Activation.Kind: ActivationKind.Tanh or ActivationKind.Relu } elman:
                var rnn = Take(manifest, layer, gates: 1);
                return new ElmanLayer(name, rnn.Ih, rnn.Hh, rnn.Bias, elman.Activation);
            case ElmanManifest elman:
                throw EngineException.Model(
                    $"model.json: {where}.activation is {elman.Activation}; an Elman layer has tanh or relu.");
            case LstmManifest:
                var lstm = Take(manifest, layer, gates: 4);
                return new LstmLayer(name, lstm.Ih, lstm.Hh, lstm.Bias);
            default:
                var gru = Take(manifest, layer, gates: 3);
                return ((GruManifest)manifest).ResetAfter
                    ? new GruLayer(name, gru.Ih, gru.Hh, gru.BIh, gru.BHh)
                    : new ResetBeforeGruLayer(name, gru.Ih, gru.HhOf(0..2), gru.HhOf(2..3), gru.Bias);
        }
    }

    GateWeights Take(RecurrentManifest manifest, int layer, int gates)
    {
        var (name, hidden) = (manifest.Name, manifest.HiddenSize);
        var rows = gates * hidden;
        return new GateWeights(
            precision,
            gates,
            hidden,
            Width,
            weights.Take($"{name}.weight_ih_l{layer}", rows, Width),
            weights.Take($"{name}.weight_hh_l{layer}", rows, hidden),
            manifest.Bias ? weights.Take($"{name}.bias_ih_l{layer}", rows) : [],
            manifest.Bias ? weights.Take($"{name}.bias_hh_l{layer}", rows) : []);
    }

    static void Expect(string where, string property, int value, int maximum)
    {
        if (value < 1 || value > maximum)
        {
            throw EngineException.Model($"model.json: {where}.{property} is {value}; it must be 1 to {maximum}.");
        }
    }

    /// <summary>The tensors of one recurrent layer in PyTorch's form.</summary>
    sealed record GateWeights(
        Precision Precision, int Gates, int Hidden, int Input, float[] WIh, float[] WHh, float[] BIh, float[] BHh)
    {
        /// <summary>Both biases as one, for cells that only ever add them.</summary>
        public float[] Bias => [.. BIh.Zip(BHh, (input, hidden) => input + hidden)];

        public PackedMatrix Ih => PackedMatrix.Of(Precision, Gates * Hidden, Input, WIh, Gates);

        public PackedMatrix Hh => PackedMatrix.Of(Precision, Gates * Hidden, Hidden, WHh, Gates);

        /// <summary>The recurrent weights of some gates; those of the others are 0.</summary>
        public PackedMatrix HhOf(Range gates)
        {
            var block = Hidden * Hidden;
            var chosen = new float[WHh.Length];
            var (first, count) = gates.GetOffsetAndLength(Gates);
            WHh.AsSpan(first * block, count * block).CopyTo(chosen.AsSpan(first * block));
            return PackedMatrix.Of(Precision, Gates * Hidden, Hidden, chosen, Gates);
        }
    }
}
