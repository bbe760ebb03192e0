using System.Text.Json.Serialization;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>
/// One entry of <c>layers</c> in <c>model.json</c>, or one layer that a file of another framework describes. The width of
/// its input is the output of the entry before it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(EmbeddingManifest), "embedding")]
[JsonDerivedType(typeof(EmbeddingsManifest), "embeddings")]
[JsonDerivedType(typeof(MaskingManifest), "masking")]
[JsonDerivedType(typeof(ElmanManifest), "elman")]
[JsonDerivedType(typeof(LstmManifest), "lstm")]
[JsonDerivedType(typeof(GruManifest), "gru")]
[JsonDerivedType(typeof(ParallelManifest), "parallel")]
[JsonDerivedType(typeof(RunningNormManifest), "running-norm")]
[JsonDerivedType(typeof(AttentionManifest), "attention")]
[JsonDerivedType(typeof(ReverseManifest), "reverse")]
[JsonDerivedType(typeof(LastManifest), "last")]
[JsonDerivedType(typeof(DenseManifest), "dense")]
[JsonDerivedType(typeof(ActivationManifest), "activation")]
[JsonDerivedType(typeof(AffineManifest), "affine")]
[JsonDerivedType(typeof(LayerNormManifest), "layer-norm")]
[JsonDerivedType(typeof(DropoutManifest), "dropout")]
public abstract record LayerManifest;

/// <summary>A table of vectors, one for each token; only as the first layer. Tensor: <c>{name}.weight</c> [V, E].</summary>
public sealed record EmbeddingManifest : LayerManifest
{
    /// <summary>The prefix of the tensor.</summary>
    public required string Name { get; init; }

    /// <summary>E, the width of a vector.</summary>
    public required int Size { get; init; }

    /// <summary>Whether timesteps of token 0 are skipped, as Keras does with <c>mask_zero</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MaskZero { get; init; }
}

/// <summary>
/// A table for each index of a word with features; only as the first layer. Tensors: <c>{name}.{k}.weight</c> [V_k, E_k] of each
/// column k.
/// </summary>
public sealed record EmbeddingsManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }

    /// <summary>E_k, the width of each column's vectors.</summary>
    public required IReadOnlyList<int> Sizes { get; init; }
}

/// <summary>Skips timesteps at which every feature equals a value; only before everything else.</summary>
public sealed record MaskingManifest : LayerManifest
{
    /// <summary>The value that stands for "nothing here".</summary>
    public float Value { get; init; }
}

/// <summary>
/// One or more recurrent layers of one kind. Tensors of layer k: <c>{name}.weight_ih_l{k}</c>, <c>{name}.weight_hh_l{k}</c>
/// and, with bias, <c>{name}.bias_ih_l{k}</c>, <c>{name}.bias_hh_l{k}</c>, in PyTorch's shapes and gate order. Those of the
/// backward direction end in <c>_reverse</c>. With an initial state also <c>{name}.h0_l{k}</c> and, of an LSTM, <c>{name}.c0_l{k}</c>.
/// </summary>
public abstract record RecurrentManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    [JsonPropertyOrder(-4)]
    public required string Name { get; init; }

    /// <summary>H, the width of the hidden state.</summary>
    [JsonPropertyOrder(-3)]
    public required int HiddenSize { get; init; }

    /// <summary>How many layers stand on each other.</summary>
    [JsonPropertyOrder(-2)]
    public int Layers { get; init; } = 1;

    /// <summary>Whether there are biases.</summary>
    [JsonPropertyOrder(-1)]
    public bool Bias { get; init; } = true;

    /// <summary>From which end the sequence is read. Outputs are in the order of the timesteps whichever it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Direction Direction { get; init; }

    /// <summary>How the two directions of a bidirectional layer become one output.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Merge Merge { get; init; }

    /// <summary>
    /// Whether only the output after the last timestep goes on: of the backward direction, the one after the first timestep,
    /// which it reads last. Of several layers it holds for the uppermost.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReturnsLast { get; init; }

    /// <summary>Whether the state before the first timestep is given by tensors; otherwise it is zero.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InitialState { get; init; }

    /// <summary>Limits the sums of the gates to -clip..clip before their activations; 0 for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public float Clip { get; init; }
}

/// <summary>Elman layers.</summary>
public sealed record ElmanManifest : RecurrentManifest
{
    /// <summary>f of the hidden state.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;
}

/// <summary>
/// LSTM layers; gate order i, f, g, o. Tensors besides: <c>{name}.weight_hr_l{k}</c> [P, H] with a projection, and
/// <c>{name}.weight_ch_l{k}</c> [3H] with peepholes, in the order i, f, o.
/// </summary>
public sealed record LstmManifest : RecurrentManifest
{
    /// <summary>P, the width that the hidden state is projected to; 0 for no projection.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int ProjectionSize { get; init; }

    /// <summary>Whether the gates see the cell state: i and f the one before, o the new one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Peepholes { get; init; }

    /// <summary>Whether the forget gate is 1 - i.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InputForget { get; init; }

    /// <summary>Of the gates i, f, o.</summary>
    public Activation RecurrentActivation { get; init; } = Activation.Sigmoid;

    /// <summary>Of the candidate g.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Of the cell state on its way to the hidden state; that of the candidate if not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Activation? OutputActivation { get; init; }
}

/// <summary>GRU layers; gate order r, z, n.</summary>
public sealed record GruManifest : RecurrentManifest
{
    /// <summary>Whether the reset gate stands after the recurrent product (PyTorch) or before it.</summary>
    public bool ResetAfter { get; init; } = true;

    /// <summary>Of the gates r, z.</summary>
    public Activation RecurrentActivation { get; init; } = Activation.Sigmoid;

    /// <summary>Of the candidate n.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;
}

/// <summary>Stacks of layers that read the same input; their outputs become one.</summary>
public sealed record ParallelManifest : LayerManifest
{
    /// <summary>
    /// The stacks. An empty one passes its input on. If one of them holds a recurrent layer, all must: the output could not be
    /// read from the state otherwise.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<LayerManifest>> Branches { get; init; }

    /// <summary>How.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Merge Merge { get; init; }
}

/// <summary>
/// Layers that see features by the moments that they have had so far, and whose outputs are put back on the features' scale. No tensors
/// of its own.
/// </summary>
public sealed record RunningNormManifest : LayerManifest
{
    /// <summary>The name of its part of the state.</summary>
    public required string Name { get; init; }

    /// <summary>How many timesteps the moments are of; older ones are forgotten.</summary>
    public required int Window { get; init; }

    /// <summary>The layers, one of them recurrent. Their output has as many numbers for each feature in turn.</summary>
    public required IReadOnlyList<LayerManifest> Layers { get; init; }
}

/// <summary>
/// What a decoder looks up in its encoder's outputs; y is the context, then x. Tensors: none of the dot product,
/// <c>{name}.weight</c> [Q, M] of the general one; <c>{name}.query.weight</c> [A, Q], <c>{name}.memory.weight</c> [A, M] and
/// <c>{name}.score.weight</c> [1, A] of the additive one.
/// </summary>
public sealed record AttentionManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }

    /// <summary>How well a query fits a part of the memory.</summary>
    public required AttentionKind Score { get; init; }

    /// <summary>A, the width in which an additive score compares; 0 otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Size { get; init; }
}

/// <summary>Turns the order of the timesteps round.</summary>
public sealed record ReverseManifest : LayerManifest;

/// <summary>Only the last timestep goes on.</summary>
public sealed record LastManifest : LayerManifest;

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

/// <summary>A function of every number, or a softmax of every vector.</summary>
public sealed record ActivationManifest : LayerManifest
{
    /// <summary>Which.</summary>
    public required Activation Activation { get; init; }
}

/// <summary>
/// y = weight * x + bias, number by number: what batch normalisation is when predicting. Tensors: <c>{name}.weight</c> [I] and
/// <c>{name}.bias</c> [I].
/// </summary>
public sealed record AffineManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }
}

/// <summary>
/// y = (x - mean x) / sqrt(var x + epsilon) * weight + bias, over each vector. Tensors: <c>{name}.weight</c> [I] and
/// <c>{name}.bias</c> [I].
/// </summary>
public sealed record LayerNormManifest : LayerManifest
{
    /// <summary>The prefix of the tensors.</summary>
    public required string Name { get; init; }

    /// <summary>What keeps the root from 0.</summary>
    public float Epsilon { get; init; } = 1e-5f;
}

/// <summary>Dropout of the training; does nothing when predicting.</summary>
public sealed record DropoutManifest : LayerManifest
{
    /// <summary>The share of units that the training dropped.</summary>
    public double Rate { get; init; }
}

/// <summary>How well a query q fits a part m of a memory.</summary>
public enum AttentionKind
{
    /// <summary>q . m.</summary>
    Dot,

    /// <summary>q . (W m).</summary>
    General,

    /// <summary>v . tanh(W_q q + W_m m).</summary>
    Additive,
}

/// <summary>From which end a recurrent layer reads its sequence.</summary>
public enum Direction
{
    /// <summary>From the first timestep on.</summary>
    Forward,

    /// <summary>From the last timestep on.</summary>
    Backward,

    /// <summary>Both ways, with weights of their own.</summary>
    Bidirectional,
}
