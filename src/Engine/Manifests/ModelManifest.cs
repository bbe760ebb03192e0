using System.Text.Json.Serialization;
using Rnn.Engine.Codecs;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>What <c>model.json</c> says: what the weights mean. Described in docs/model-format.md.</summary>
public sealed record ModelManifest
{
    /// <summary>The only version of the format so far.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of this file's format.</summary>
    public required int Format { get; init; }

    /// <summary>What the model does, in a line.</summary>
    public string? Description { get; init; }

    /// <summary>The licence of the weights.</summary>
    public string? License { get; init; }

    /// <summary>The weights file beside this one.</summary>
    public string Weights { get; init; } = "model.safetensors";

    /// <summary>How the weights are kept in memory; below float32 a model is faster and a little less exact.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>What goes in.</summary>
    public required InputManifest Input { get; init; }

    /// <summary>The layers in order.</summary>
    public required IReadOnlyList<LayerManifest> Layers { get; init; }

    /// <summary>What comes out.</summary>
    public required OutputManifest Output { get; init; }

    /// <summary>Inputs with the outputs that the training framework gave; checked when the model loads.</summary>
    public IReadOnlyList<ExampleManifest> Examples { get; init; } = [];
}

/// <summary>Inputs from a zero state, and the output of the last timestep.</summary>
public sealed record ExampleManifest
{
    /// <summary>The input of a model of characters or words.</summary>
    public string? Text { get; init; }

    /// <summary>The input of a model of numeric features: one vector for each timestep, in the user's units.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? Values { get; init; }

    /// <summary>Logits of classes or tokens, or values in the user's units.</summary>
    public required IReadOnlyList<float> Output { get; init; }

    /// <summary>How far an output may be off: absolutely, and as much again relative to its size.</summary>
    public float Tolerance { get; init; } = 1e-4f;
}

/// <summary>What goes into a model.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CharacterInput), "characters")]
[JsonDerivedType(typeof(WordInput), "words")]
[JsonDerivedType(typeof(FeatureInput), "features")]
public abstract record InputManifest;

/// <summary>Text from a fixed vocabulary.</summary>
public abstract record TokenInput : InputManifest
{
    /// <summary>The text of each token, by index.</summary>
    public required IReadOnlyList<string> Vocabulary { get; init; }

    /// <summary>Whether text is lower-cased first.</summary>
    public bool Lowercase { get; init; }

    /// <summary>The token that unknown text becomes; without one it is refused.</summary>
    public string? Unknown { get; init; }

    /// <summary>The token that begins a generation without a prompt.</summary>
    public string? Start { get; init; }

    /// <summary>The token that ends a generation.</summary>
    public string? End { get; init; }
}

/// <summary>Each character is a token.</summary>
public sealed record CharacterInput : TokenInput;

/// <summary>Each word or punctuation mark is a token.</summary>
public sealed record WordInput : TokenInput;

/// <summary>Numeric features.</summary>
public sealed record FeatureInput : InputManifest
{
    /// <summary>The features in order.</summary>
    public required IReadOnlyList<Quantity> Features { get; init; }
}

/// <summary>What comes out of a model.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NextTokenOutput), "next-token")]
[JsonDerivedType(typeof(ClassOutput), "classes")]
[JsonDerivedType(typeof(ValueOutput), "values")]
public abstract record OutputManifest;

/// <summary>The distribution of the next token of the input's vocabulary.</summary>
public sealed record NextTokenOutput : OutputManifest;

/// <summary>One of several classes.</summary>
public sealed record ClassOutput : OutputManifest
{
    /// <summary>The label of each class.</summary>
    public required IReadOnlyList<string> Labels { get; init; }
}

/// <summary>Numbers.</summary>
public sealed record ValueOutput : OutputManifest
{
    /// <summary>What each output is.</summary>
    public required IReadOnlyList<Quantity> Values { get; init; }
}
