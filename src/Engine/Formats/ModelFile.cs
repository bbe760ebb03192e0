using Rnn.Engine.Manifests;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats;

/// <summary>
/// What a reader finds in a file of weights: its tensors, and as much of the architecture as the file tells. Whatever framework
/// wrote it, the layers are in the vocabulary of <c>model.json</c> and the tensors in PyTorch's names, shapes and gate order, so
/// nothing after a reader knows where a model came from.
/// </summary>
public sealed record ModelFile
{
    /// <summary>The format, such as <c>Keras 3</c> or <c>PyTorch</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Every tensor of the model, by the names that <see cref="Layers"/> use; the names are distinct.</summary>
    public required IReadOnlyList<Tensor> Tensors { get; init; }

    /// <summary>The layers in order, or null if the file does not tell them at all.</summary>
    public IReadOnlyList<LayerManifest>? Layers { get; init; }

    /// <summary>
    /// What the file does not tell, each a sentence; <see cref="Layers"/> are then only the likeliest reading, which
    /// <c>model.json</c> must confirm. Empty if there is no doubt.
    /// </summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>Says what the parts of a network's output are, where the file names several; else empty.</summary>
    public IReadOnlyList<OutputPart> Outputs { get; init; } = [];
}

/// <summary>One of several outputs of a network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its width; the parts lie one after the other.</param>
public sealed record OutputPart(string Name, int Size);
