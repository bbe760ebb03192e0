using System.Collections.Frozen;
using System.Numerics.Tensors;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Monitoring;

namespace Rnn.Engine.Models;

/// <summary>
/// A model that can be served: input codec, network and output head. One pure function, applied at every timestep:
/// <code>
/// (state, input) -> (state', output)
/// </code>
/// Immutable and safe to share; all that changes lies in the <see cref="RecurrentState"/> that is passed in.
/// </summary>
public sealed class RecurrentModel
{
    readonly ModelRuntime _runtime;

    internal RecurrentModel(
        string name, int version, ModelManifest manifest, InputCodec input, ModelRuntime runtime, OutputHead output, string fingerprint)
    {
        _runtime = runtime;
        Name = name;
        Version = version;
        Manifest = manifest;
        Input = input;
        Output = output;
        Targets = TargetsOf(input, output);
        Layout = LayoutOf(runtime, Forecasts && output is NumericHead head ? new StreamMonitor(head) : null, fingerprint);
        Mask = Mask.Of(manifest.Layers ?? []);
    }

    /// <summary>The name of the model's folder.</summary>
    public string Name { get; }

    /// <summary>The number of the version's folder.</summary>
    public int Version { get; }

    /// <summary>What <c>model.json</c> says, and what it leaves to the weights file.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>When the weights file was last written.</summary>
    public DateTimeOffset Modified { get; internal set; }

    /// <summary>The format of the weights file, such as <c>safetensors</c>.</summary>
    public required string Format { get; init; }

    /// <summary>What reads the source, if this is the decoder of an encoder-decoder; null for a model that is one stack.</summary>
    public Encoder? Encoder { get; init; }

    /// <summary>How the user's input is read; a decoder's is what it told before.</summary>
    public InputCodec Input { get; }

    /// <summary>How the network's output is told to the user.</summary>
    public OutputHead Output { get; }

    /// <summary>What a state of this model holds.</summary>
    public StateLayout Layout { get; }

    /// <summary>Named states to begin with, beside the usual one.</summary>
    public IReadOnlyDictionary<string, RecurrentState> InitialStates { get; internal set; } = FrozenDictionary<string, RecurrentState>.Empty;

    /// <summary>Which timesteps are skipped; null if none ever is.</summary>
    public Mask? Mask { get; }

    /// <summary>The number of weights and biases.</summary>
    public long ParameterCount => _runtime.ParameterCount;

    /// <summary>The largest deviation of the outputs of the model's examples from what the training framework gave; null without examples.</summary>
    public float? ExampleError { get; internal set; }

    /// <summary>
    /// What a precision below float32 costs: the largest difference of an output from float32's, over the model's examples. Null
    /// in float32, or without examples.
    /// </summary>
    public float? PrecisionError { get; internal set; }

    /// <summary>
    /// Whether an output depends on no later timestep. Only then are there steps, sessions and generations: a bidirectional model
    /// reads a sequence as a whole and keeps nothing of it.
    /// </summary>
    public bool IsCausal => _runtime.IsCausal;

    /// <summary>Whether there is one output at the end of a sequence only.</summary>
    public bool ReadsLastOnly => _runtime.ReadsLastOnly;

    /// <summary>The most sequences that can be run as one batch.</summary>
    public int MaxBatchSize => _runtime.IsCausal ? _runtime.MaxBatchSize : 1;

    /// <summary>The most timesteps that can be run at once.</summary>
    public int MaxTimestepsAtOnce => _runtime.MaxTimestepsAtOnce;

    /// <summary>
    /// Whether the output can be the next input: the next token, or values that are the features themselves.
    /// </summary>
    public bool Generates => IsCausal && (Input, Output) switch
    {
        (TokenCodec, NextTokenHead) => true,
        (FeatureCodec features, NumericHead head) =>
            features.Features.Select(feature => feature.Name).SequenceEqual(head.Quantities.Select(value => value.Name)),
        _ => false,
    };

    /// <summary>Whether the output continues some of the features, its targets, so that a series can be forecast if the others are known.</summary>
    public bool Forecasts => IsCausal && Targets.Count > 0;

    /// <summary>Which features the outputs continue, in their order; empty if they are not all features that don't follow from the time.</summary>
    public IReadOnlyList<int> Targets { get; }

    /// <summary>Whether an output is a distribution of the token that comes next.</summary>
    public bool PredictsTokens => IsCausal && (Input, Output) is (TokenCodec, NextTokenHead);

    /// <summary>
    /// The width of what <see cref="RecurrentState.Embed"/> makes of a text; 0 of a model that reads no text or keeps no state of it, and of
    /// a graph, whose states are not known apart.
    /// </summary>
    public int EmbeddingSize =>
        IsCausal && Encoder is null && Input is TokenCodec && Manifest.Runtime == Runtime.Engine ? Layout.Top.GetOffsetAndLength(Layout.Size).Length : 0;

    /// <summary>
    /// Identifies what its tokens or features are: those of a model of the same meaning can be run through it. Null if they can't be kept:
    /// of an encoder-decoder, whose sources are no timesteps of the state, of a model that keeps none, and of words with features.
    /// </summary>
    public string? InputMeaning => IsCausal && Encoder is null ? Input.Meaning : null;

    /// <summary>How many numbers a timestep has in the user's terms; 0 if it is a token.</summary>
    public int FeatureCount => (Input as FeatureCodec)?.Features.Count ?? 0;

    /// <summary>A state to begin with.</summary>
    /// <param name="name">Which of <see cref="InitialStates"/>; null for the usual one.</param>
    /// <exception cref="EngineException">There is none of that name.</exception>
    public RecurrentState InitialState(string? name) =>
        name is null ? new RecurrentState(Layout)
        : InitialStates.TryGetValue(name, out var state) ? state
        : throw EngineException.Input("/initialState", InitialStates.Count == 0
            ? $"Model '{Name}' has no named states to begin with."
            : $"Model '{Name}' has no state '{name}' to begin with. There are: {string.Join(", ", InitialStates.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>
    /// Advances several sequences by T timesteps whose inputs are all known. The bits are those of T steps of each alone.
    /// </summary>
    /// <param name="states">The states of B sequences of this model, no two the same; advanced in place.</param>
    /// <param name="timesteps">T.</param>
    /// <param name="input">T * B tokens or vectors: those of the first timestep, of the second, and so on.</param>
    /// <param name="reads">Which outputs are read, in rising order: timestep t of sequence b is t * B + b.</param>
    /// <param name="outputs">[reads, O]: the network's outputs, logits or scaled values.</param>
    public void Run(ReadOnlySpan<RecurrentState> states, int timesteps, StepInput input, ReadOnlySpan<int> reads, Span<float> outputs)
    {
        _runtime.Run(states, timesteps, input, reads, outputs);
        foreach (var state in states)
        {
            state.Step += timesteps;
        }
    }

    /// <summary>Advances every sequence by one timestep and reads nothing.</summary>
    /// <inheritdoc cref="Run" path="/param"/>
    public void Step(ReadOnlySpan<RecurrentState> states, StepInput input) => Run(states, 1, input, [], []);

    /// <summary>Whether what the layers compute can be seen.</summary>
    public bool Traces => _runtime.Traces && Mask is null;

    /// <summary>Advances one sequence by one timestep and records what the layers compute. The bits are those of a step.</summary>
    /// <param name="state">Advanced in place.</param>
    /// <param name="input">One token or vector.</param>
    /// <param name="trace">What records.</param>
    /// <returns>The output, [O].</returns>
    /// <exception cref="EngineException">The output is not finite.</exception>
    public float[] Trace(RecurrentState state, StepInput input, LayerTrace trace)
    {
        var output = _runtime.Trace(state, input, trace);
        state.Step++;
        return IsFinite(output) ? output : throw NotFinite();
    }

    /// <summary>Whether outputs can be attributed to inputs.</summary>
    public bool Attributes => _runtime.IsDifferentiable && Mask is null && Encoder is null;

    /// <summary>One input as the layers read it, [I]: a token's vector, or scaled features. Only of one that <see cref="Attributes"/>.</summary>
    public float[] VectorOf(StepInput input) => _runtime.VectorOf(input);

    /// <summary>Attributes an output of the last timestep to the inputs. Only of one that <see cref="Attributes"/>.</summary>
    /// <param name="begin">The state before the first timestep; not changed.</param>
    /// <param name="inputs">One timestep or more, each as <see cref="VectorOf"/> tells it.</param>
    /// <param name="output">The output's index; null for the highest logit, or the first value.</param>
    public Attribution Attribute(RecurrentState begin, IReadOnlyList<float[]> inputs, int? output)
    {
        var chosen = output ?? 0;
        var gradients = _runtime.GradientOf(begin.Copy(), inputs, outputs =>
            chosen = output ?? (Output is DistributionHead ? TensorPrimitives.IndexOfMax<float>(outputs) : 0));
        return Array.TrueForAll(gradients, gradient => IsFinite(gradient))
            ? new(chosen, (Output as DistributionHead)?.Labels[chosen], inputs.Count - 1, inputs, gradients)
            : throw NotFinite();
    }

    /// <summary>Reads the network's output at the present state, [O]: logits, or scaled values.</summary>
    /// <exception cref="EngineException">The output is not finite.</exception>
    public float[] Read(RecurrentState state)
    {
        var output = _runtime.OutputAt(state);
        return IsFinite(output) ? output : throw NotFinite();
    }

    static int[] TargetsOf(InputCodec input, OutputHead output)
    {
        if ((input, output) is not (FeatureCodec features, NumericHead head))
        {
            return [];
        }

        var given = features.Features.Select(feature => feature.Calendar is null ? feature.Name : null).ToList();
        int[] targets = [.. head.Quantities.Select(target => given.IndexOf(target.Name))];
        return targets.Contains(-1) ? [] : targets;
    }

    static StateLayout LayoutOf(ModelRuntime runtime, StreamMonitor? monitor, string fingerprint)
    {
        if (monitor is null)
        {
            return new(fingerprint, runtime.StateParts, runtime.InitialState);
        }

        float[] initial = runtime.InitialState is [] ? [] : [.. runtime.InitialState, .. new float[monitor.Part.Size]];
        return new(fingerprint, [.. runtime.StateParts, monitor.Part], initial);
    }

    /// <summary>Refuses steps, sessions, and states to give and to take, where there can be none.</summary>
    /// <exception cref="EngineException">The model needs the whole sequence.</exception>
    internal void ExpectCausal()
    {
        if (!IsCausal)
        {
            throw NeedsWholeSequence();
        }
    }

    EngineException NeedsWholeSequence() => new(
        ErrorKind.NotSupported,
        $"Model '{Name}' reads a sequence from its end too, so that an output depends on timesteps that are still to come: it keeps "
        + "no state between calls and offers sequence only, each from its beginning to its end.");

    internal static bool IsFinite(ReadOnlySpan<float> output) => TensorPrimitives.IsFiniteAll(output);

    internal static EngineException NotFinite() =>
        new(ErrorKind.InvalidInput, "The inputs drive the network out of the range of float32; its output is not finite.");
}
