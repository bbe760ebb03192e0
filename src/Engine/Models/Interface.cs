using System.Globalization;
using Rnn.Engine.Codecs;
using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>What goes into a network and comes out of it when <c>model.json</c> does not say: parts without names.</summary>
static class Interface
{
    const int MaxWidth = 1 << 16;

    /// <summary>The tokens or features that the first layer takes.</summary>
    /// <exception cref="EngineException">The layers don't tell.</exception>
    public static InputManifest InputOf(IReadOnlyList<LayerManifest> layers, IReadOnlyList<Tensor> tensors)
    {
        var shapes = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        if (layers.OfType<EmbeddingManifest>().FirstOrDefault() is { } embedding)
        {
            return shapes.TryGetValue($"{embedding.Name}.weight", out var table) && table.Length > 0
                ? new TokenIndexInput { Size = table[0] }
                : throw EngineException.Model($"tensor '{embedding.Name}.weight' of the embedding is missing.");
        }

        return Width(layers, shapes) is > 0 and <= MaxWidth and var width
            ? Features(width)
            : throw EngineException.Model("model.json: input is missing, and no layer tells how many features there are, 1 to 65536.");
    }

    /// <summary>Features without names.</summary>
    public static FeatureInput Features(int width) => new() { Features = Names("x", width) };

    /// <summary>Classes if the last layer is a softmax, the next token if the tokens that go in are as many, else values.</summary>
    /// <param name="input">What goes in.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="size">O, the width of the network's output.</param>
    /// <param name="parts">The names of several outputs, if the weights file has them.</param>
    public static OutputManifest OutputOf(InputCodec input, IReadOnlyList<LayerManifest> layers, int size, IReadOnlyList<OutputPart> parts)
    {
        if (parts.Count > 1 && parts.Sum(part => part.Size) == size)
        {
            return new HeadsOutput
            {
                Heads = [.. parts.Select((part, index) => new HeadManifest
                {
                    Name = part.Name,
                    Output = OutputOf(IsNormalised(layers, index), part.Size),
                })],
            };
        }

        return input is TokenCodec && input.Size == size ? new NextTokenOutput() : OutputOf(IsNormalised(layers, null), size);
    }

    /// <summary>Whether the last layer is a softmax.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="head">Which of several outputs; null for all of it.</param>
    public static bool IsNormalised(IReadOnlyList<LayerManifest> layers, int? head) => layers.LastOrDefault(layer => layer is not (DropoutManifest or LastManifest or ReverseManifest)) switch
    {
        DenseManifest dense => dense.Activation.Kind == ActivationKind.Softmax,
        ActivationManifest activation => activation.Activation.Kind == ActivationKind.Softmax,
        ParallelManifest parallel => head < parallel.Branches.Count && IsNormalised(parallel.Branches[head.Value], null),
        _ => false,
    };

    static OutputManifest OutputOf(bool isNormalised, int size) => isNormalised && size > 1
        ? new ClassOutput { Labels = [.. Enumerable.Range(0, size).Select(index => index.ToString(CultureInfo.InvariantCulture))] }
        : new ValueOutput { Values = Names("y", size) };

    static int? Width(IReadOnlyList<LayerManifest> layers, Dictionary<string, int[]> shapes)
    {
        foreach (var layer in layers)
        {
            var width = layer switch
            {
                RecurrentManifest recurrent => Columns($"{recurrent.Name}.weight_ih_l0"),
                DenseManifest dense => Columns($"{dense.Name}.weight"),
                AffineManifest affine => Columns($"{affine.Name}.weight"),
                LayerNormManifest norm => Columns($"{norm.Name}.weight"),
                ParallelManifest parallel => parallel.Branches.Select(branch => Width(branch, shapes)).FirstOrDefault(found => found is not null),
                _ => null,
            };
            if (width is not null)
            {
                return width;
            }
        }

        return null;

        int? Columns(string name) => shapes.TryGetValue(name, out var shape) && shape.Length > 0 ? shape[^1] : null;
    }

    static List<Quantity> Names(string name, int size) => [.. Enumerable.Range(0, size).Select(index => new Quantity($"{name}[{index}]"))];
}
