using System.Text.Json.Serialization;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Models;

/// <summary>One entry of <c>layers</c> in <c>model.json</c>. The width of its input is the output of the entry before it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(EmbeddingManifest), "embedding")]
[JsonDerivedType(typeof(ElmanManifest), "elman")]
[JsonDerivedType(typeof(LstmManifest), "lstm")]
[JsonDerivedType(typeof(GruManifest), "gru")]
[JsonDerivedType(typeof(DenseManifest), "dense")]
[JsonDerivedType(typeof(DropoutManifest), "dropout")]
public abstract record LayerManifest;

/// <summary>A table of vectors, one for each token; only as the first layer. Tensor: <c>{name}.weight</c> [V, E].</summary>
public sealed record EmbeddingManifest : LayerManifest
{
    /// <summary>The prefix of the tensor.</summary>
    public required string Name { get; init; }

    /// <summary>E, the width of a vector.</summary>
    public required int Size { get; init; }
}

/// <summary>
/// One or more recurrent layers of one kind. Tensors of layer k: <c>{name}.weight_ih_l{k}</c>, <c>{name}.weight_hh_l{k}</c>
/// and, with bias, <c>{name}.bias_ih_l{k}</c>, <c>{name}.bias_hh_l{k}</c>, in PyTorch's shapes and gate order.
/// </summary>
public abstract record RecurrentManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }

    /// <summary>H, the width of the hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>How many layers stand on each other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Whether there are biases.</summary>
    public bool Bias { get; init; } = true;
}

/// <summary>Elman layers.</summary>
public sealed record ElmanManifest : RecurrentManifest
{
    /// <summary><see cref="Activation.Tanh"/> or <see cref="Activation.Relu"/>.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;
}

/// <summary>LSTM layers; gate order i, f, g, o.</summary>
public sealed record LstmManifest : RecurrentManifest;

/// <summary>GRU layers; gate order r, z, n.</summary>
public sealed record GruManifest : RecurrentManifest
{
    /// <summary>Whether the reset gate stands after the recurrent product (PyTorch) or before it.</summary>
    public bool ResetAfter { get; init; } = true;
}

/// <summary>A dense layer, applied at every timestep. Tensors: <c>{name}.weight</c> [O, I] and, with bias, <c>{name}.bias</c> [O].</summary>
public sealed record DenseManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }

    /// <summary>O, the width of the output.</summary>
    public required int Size { get; init; }

    /// <summary>Whether there is a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>What is applied to the output.</summary>
    public Activation Activation { get; init; } = Activation.None;
}

/// <summary>Dropout of the training; does nothing when predicting.</summary>
public sealed record DropoutManifest : LayerManifest
{
    /// <summary>The share of units that the training dropped.</summary>
    public double Rate { get; init; }
}
