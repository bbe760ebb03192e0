using Rnn.Engine.Manifests;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Writes the steps of a chain as layers, and their tensors under names such as <c>lstm</c>, <c>lstm_1</c> and <c>dense</c>.</summary>
sealed class LayerWriter
{
    readonly List<Tensor> _tensors = [];
    readonly Dictionary<string, int> _names = [];

    /// <summary>The tensors of all layers that were written.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>The layers of a chain.</summary>
    public IReadOnlyList<LayerManifest> Write(Chain chain) => Write(chain.StepsAbove(below: null));

    List<LayerManifest> Write(List<Step> steps) => [.. Simplification.Of(steps).Select(Layer)];

    LayerManifest Layer(Step step)
    {
        switch (step)
        {
            case EmbeddingStep embedding:
                var table = Named("embedding");
                Add(table, "weight", [embedding.Rows, embedding.Size], embedding.Table);
                return new EmbeddingManifest { Name = table, Size = embedding.Size };
            case RecurrentStep recurrent:
                return Recurrent(recurrent);
            case DenseStep dense:
                var product = Named("dense");
                Add(product, "weight", [dense.Outputs, dense.Inputs], dense.Weight);
                if (dense.Bias is not null)
                {
                    Add(product, "bias", [dense.Outputs], dense.Bias);
                }

                return new DenseManifest { Name = product, Size = dense.Outputs, Bias = dense.Bias is not null, Activation = dense.Activation };
            case ActivationStep activation:
                return new ActivationManifest { Activation = activation.Activation };
            case AffineStep affine:
                var scaling = Named("affine");
                Add(scaling, "weight", [affine.Scale.Length], affine.Scale);
                Add(scaling, "bias", [affine.Shift.Length], affine.Shift);
                return new AffineManifest { Name = scaling };
            case LayerNormStep norm:
                var norming = Named("norm");
                Add(norming, "weight", [norm.Weight.Length], norm.Weight);
                Add(norming, "bias", [norm.Bias.Length], norm.Bias);
                return new LayerNormManifest { Name = norming, Epsilon = norm.Epsilon };
            case PickStep { First: false }:
                return new LastManifest();
            case ReverseStep:
                return new ReverseManifest();
            case MergeStep merge:
                return new ParallelManifest { Merge = merge.Merge, Branches = [.. merge.Parts.Select(part => Write(part.StepsAbove(merge.Below)))] };
            case PickStep pick:
                throw pick.Node.Refusal("takes the first timestep of what was not read from its end");
            default:
                throw step.Node.Refusal("is a part of no formula that is known");
        }
    }

    RecurrentManifest Recurrent(RecurrentStep step)
    {
        var name = Named(step.Settings switch
        {
            LstmManifest => "lstm",
            GruManifest => "gru",
            _ => "rnn",
        });
        foreach (var weight in step.Weights)
        {
            Add(name, $"{weight.Stem}_l0{weight.Suffix}", weight.Shape, weight.Values);
        }

        return step.Settings with { Name = name };
    }

    string Named(string kind)
    {
        var count = _names.GetValueOrDefault(kind);
        _names[kind] = count + 1;
        return count == 0 ? kind : $"{kind}_{count}";
    }

    void Add(string layer, string tensor, int[] shape, float[] values) => _tensors.Add(new Tensor($"{layer}.{tensor}", shape, values));
}
