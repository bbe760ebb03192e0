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

    /// <summary>The weights file beside this one; null for the only one there is.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// How far an output of the examples may be off in a precision below float32, absolutely and as much again relative to its
    /// size; null for 0.1 in bf16 and 0.5 in int8.
    /// </summary>
    public float? PrecisionTolerance { get; init; }

    /// <summary>What computes the model.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Runtime Runtime { get; init; } = Runtime.Engine;

    /// <summary>How a graph that another runtime computes keeps its state.</summary>
    public GraphManifest? Graph { get; init; }

    /// <summary>How the weights are kept in memory; below float32 a model is faster and a little less exact.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>What goes in; null for tokens or features without names, as many as the first layer takes.</summary>
    public InputManifest? Input { get; init; }

    /// <summary>
    /// What reads the source of an encoder-decoder; <see cref="Input"/>, <see cref="Layers"/> and <see cref="Output"/> are the
    /// decoder's then. Null for a model that is one stack.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EncoderManifest? Encoder { get; init; }

    /// <summary>The layers in order; null if the weights file tells them.</summary>
    public IReadOnlyList<LayerManifest>? Layers { get; init; }

    /// <summary>Beginnings of the names of tensors that no layer uses and that may be left over.</summary>
    public IReadOnlyList<string> IgnoredTensors { get; init; } = [];

    /// <summary>What comes out; null for classes or values without names, as many as the last layer gives.</summary>
    public OutputManifest? Output { get; init; }

    /// <summary>Inputs with the outputs that the training framework gave; checked when the model loads.</summary>
    public IReadOnlyList<ExampleManifest> Examples { get; init; } = [];
}

/// <summary>Inputs from a zero state, and the output of the last timestep.</summary>
public sealed record ExampleManifest
{
    /// <summary>What the encoder of an encoder-decoder reads first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    /// <summary>The input of a model of characters or words.</summary>
    public string? Text { get; init; }

    /// <summary>The input of a model of tokens, by their indices.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>The input of a model of words with features.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Words { get; init; }

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
[JsonDerivedType(typeof(TokenIndexInput), "tokens")]
[JsonDerivedType(typeof(FeatureInput), "features")]
[JsonDerivedType(typeof(WordFeatureInput), "word-features")]
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

/// <summary>Token indices, for a model whose vocabulary is not known here.</summary>
public sealed record TokenIndexInput : InputManifest
{
    /// <summary>V, the number of tokens; null for that of the embedding.</summary>
    public int? Size { get; init; }
}

/// <summary>Numeric features.</summary>
public sealed record FeatureInput : InputManifest
{
    /// <summary>The features in order.</summary>
    public required IReadOnlyList<Quantity> Features { get; init; }
}

/// <summary>Words, each as several indices.</summary>
public sealed record WordFeatureInput : InputManifest
{
    /// <summary>What is looked at of each word.</summary>
    public required IReadOnlyList<WordColumnManifest> Columns { get; init; }
}

/// <summary>A feature of a word.</summary>
public sealed record WordColumnManifest
{
    /// <summary>What it looks at.</summary>
    public required WordFeature Feature { get; init; }

    /// <summary>How many characters of a suffix or prefix.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Length { get; init; }

    /// <summary>The text of each index; the first stands for all that is not among them.</summary>
    public required IReadOnlyList<string> Vocabulary { get; init; }
}

/// <summary>What comes out of a model.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(NextTokenOutput), "next-token")]
[JsonDerivedType(typeof(ClassOutput), "classes")]
[JsonDerivedType(typeof(ValueOutput), "values")]
[JsonDerivedType(typeof(GaussianOutput), "gaussian")]
[JsonDerivedType(typeof(QuantileOutput), "quantiles")]
[JsonDerivedType(typeof(HeadsOutput), "heads")]
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

/// <summary>Numbers that are normally distributed in the network's scale.</summary>
public sealed record GaussianOutput : OutputManifest
{
    /// <summary>What each number is. The network gives the means of all, then the natural logarithms of their standard deviations.</summary>
    public required IReadOnlyList<Quantity> Values { get; init; }
}

/// <summary>Numbers of which quantiles are known.</summary>
public sealed record QuantileOutput : OutputManifest
{
    /// <summary>What each number is. The network gives all quantiles of the first, then of the second.</summary>
    public required IReadOnlyList<Quantity> Values { get; init; }

    /// <summary>The probabilities of the quantiles, rising.</summary>
    public required IReadOnlyList<double> Levels { get; init; }
}

/// <summary>Several outputs of different kinds.</summary>
public sealed record HeadsOutput : OutputManifest
{
    /// <summary>Each part in the order in which the network's output holds them.</summary>
    public required IReadOnlyList<HeadManifest> Heads { get; init; }
}

/// <summary>One of several outputs.</summary>
public sealed record HeadManifest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Classes or values.</summary>
    public required OutputManifest Output { get; init; }
}

/// <summary>What computes a model.</summary>
public enum Runtime
{
    /// <summary>The layers of this engine.</summary>
    Engine,

    /// <summary>ONNX Runtime, for graphs that the engine's layers can't express.</summary>
    OnnxRuntime,
}

/// <summary>How a graph is used as a recurrent model: its tensors by name.</summary>
public sealed record GraphManifest
{
    /// <summary>The input that takes the timesteps; null for the only one that is neither a state nor a constant.</summary>
    public string? Input { get; init; }

    /// <summary>The output that is told; null for the only one that is not a state.</summary>
    public string? Output { get; init; }

    /// <summary>Which output becomes which input of the next timestep.</summary>
    public IReadOnlyList<GraphState> States { get; init; } = [];

    /// <summary>Inputs that always get the same numbers, such as a sample rate.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Constants { get; init; } = new Dictionary<string, IReadOnlyList<double>>();

    /// <summary>How many values a timestep has, where the graph leaves it open; without the context.</summary>
    public int? Width { get; init; }

    /// <summary>How many of the last input values before a timestep are put before its own, as overlapping windows of audio need.</summary>
    public int Context { get; init; }
}

/// <summary>A state of a graph.</summary>
public sealed record GraphState
{
    /// <summary>The input that takes it.</summary>
    public required string Input { get; init; }

    /// <summary>The output that gives it.</summary>
    public required string Output { get; init; }
}
