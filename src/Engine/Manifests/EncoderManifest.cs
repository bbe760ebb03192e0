using System.Text.Json.Serialization;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>The stack that reads the source of an encoder-decoder as a whole.</summary>
public sealed record EncoderManifest
{
    /// <summary>What goes in.</summary>
    public required InputManifest Input { get; init; }

    /// <summary>Its layers in order; their tensors lie in the same weights file as the decoder's.</summary>
    public required IReadOnlyList<LayerManifest> Layers { get; init; }

    /// <summary>The most timesteps of a source; the room for its outputs in a state, if the decoder attends to them.</summary>
    public required int MaxLength { get; init; }

    /// <summary>How its final state becomes the decoder's first.</summary>
    public BridgeManifest Bridge { get; init; } = new CopyBridge();
}

/// <summary>How an encoder's final state becomes the first state of its decoder.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CopyBridge), "copy")]
[JsonDerivedType(typeof(DenseBridge), "dense")]
public abstract record BridgeManifest;

/// <summary>Part by part as it is: the two stacks keep states of the same kinds and sizes.</summary>
public sealed record CopyBridge : BridgeManifest;

/// <summary>
/// s' = f(W s + b), with the whole states, each part after the other. Tensors: <c>{name}.weight</c> [D, E] and
/// <c>{name}.bias</c> [D].
/// </summary>
public sealed record DenseBridge : BridgeManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }

    /// <summary>f.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;
}
