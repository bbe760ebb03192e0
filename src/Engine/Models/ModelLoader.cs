using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rnn.Engine.Codecs;
using Rnn.Engine.Formats;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>Loads a model, and refuses it if its manifest, its weights or its numbers are wrong.</summary>
/// <param name="graphs">The runtime for graphs that the engine's layers can't express; null if there is none.</param>
public sealed class ModelLoader(GraphLoader? graphs = null)
{
    /// <summary>Whether a model's examples are run when it loads, and a model that does not reproduce them is refused.</summary>
    public bool ChecksExamples { get; init; } = true;

    /// <summary>Loads one version.</summary>
    /// <param name="name">The name to serve it under.</param>
    /// <param name="version">Its version.</param>
    /// <param name="source">Where it lies.</param>
    /// <exception cref="EngineException">The model can't be served; the message says which file, what, and what was expected.</exception>
    /// <param name="precision">How its weights are kept, if not as its manifest says.</param>
    public RecurrentModel Load(string name, int version, ModelSource source, Precision? precision = null)
    {
        try
        {
            var manifest = source.ReadManifest();
            manifest = manifest with { Precision = precision ?? manifest.Precision };
            var model = manifest.Runtime == Runtime.OnnxRuntime
                ? LoadGraph(name, version, source, manifest)
                : LoadLayers(name, version, source, manifest);
            model.Modified = source.ModifiedOf(model.Manifest.Weights!);
            model.InitialStates = source.States().ToFrozenDictionary(
                state => state.Name, state => StateOf(model, state.Name, state.Bytes.Span), StringComparer.Ordinal);
            if (model.ExampleError is null)
            {
                WarmUp.Run(model);                         // examples do it too
            }

            return model;
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
        {
            throw EngineException.Model($"Model '{name}' version {version}: {exception.Message}");
        }
    }

    RecurrentModel LoadLayers(string name, int version, ModelSource source, ModelManifest manifest)
    {
        var file = source.WeightsOf(manifest);
        var content = WeightFile.Read(file, source.Read(file), source.Sibling);
        var layers = manifest.Layers ?? Layers(file, content);
        var input = manifest.Input is null or TokenIndexInput { Size: null } ? Interface.InputOf(layers, content.Tensors) : manifest.Input;
        manifest = manifest with { Weights = file, Layers = layers, Input = input };
        var codec = CodecBuilder.Input(input);
        var fingerprint = Fingerprint(manifest, content.Tensors);
        var exact = Build(Precision.Float32);
        exact.ExampleError = ChecksExamples ? ExampleCheck.Run(exact) : null;
        if (manifest.Precision == Precision.Float32)
        {
            return exact;
        }

        var rounded = Build(manifest.Precision);
        rounded.ExampleError = exact.ExampleError;
        rounded.PrecisionError = ChecksExamples ? ExampleCheck.Compare(exact, rounded) : null;
        return rounded;

        RecurrentModel Build(Precision precision)
        {
            var weights = new WeightSet(file, content.Tensors, manifest.IgnoredTensors);
            var parameters = weights.ParameterCount;
            var encoder = manifest.Encoder is null ? null : new EncoderBuilder(manifest.Encoder, weights, precision);
            var network = new NetworkBuilder(weights, codec, precision, encoder?.Memory).Build(layers);
            var reader = encoder?.Build(name, version, manifest, content.Format, fingerprint, network.StateParts);
            weights.ExpectEmpty();
            var output = manifest.Output ?? Interface.OutputOf(codec, layers, network.OutputSize, content.Outputs);
            var head = CodecBuilder.Output(output, codec, layers, network.OutputSize);
            var model = new RecurrentModel(
                name, version, manifest with { Output = output }, codec, new LayerRuntime(network, parameters), head, fingerprint)
            {
                Format = content.Format,
                Encoder = reader,
            };
            return reader is null || (model.Generates && codec is TokenCodec { Vocabulary.Start: not null })
                ? model
                : throw EngineException.Model("model.json: the decoder of an encoder-decoder tells the next token of its own input, whose vocabulary names a start.");
        }
    }

    RecurrentModel LoadGraph(string name, int version, ModelSource source, ModelManifest manifest)
    {
        if (graphs is null)
        {
            throw EngineException.Model("model.json: runtime is onnxruntime, which this build does not carry. Build with -p:OnnxRuntime=true.");
        }

        var file = source.WeightsOf(manifest);
        var bytes = source.Read(file);
        var (runtime, width) = graphs(file, bytes, manifest.Graph);
        var input = manifest.Input ?? (width is { } count
            ? Interface.Features(count)
            : throw EngineException.Model("model.json: the graph takes tokens; say which: \"input\": { \"kind\": \"tokens\", \"size\": ... }."));
        manifest = manifest with { Weights = file, Input = input };
        var codec = CodecBuilder.Input(input);
        if (codec is TokenCodec != width is null || (width is not null && codec.Size != width))
        {
            throw EngineException.Model($"model.json: input has {codec.Size} {(codec is TokenCodec ? "tokens" : "features")}; the graph takes {(width is null ? "tokens" : $"{width} values")}.");
        }

        var output = manifest.Output ?? Interface.OutputOf(codec, [], runtime.OutputSize, []);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Graph, ManifestJson.Options));
        hash.AppendData(bytes.Span);
        var model = new RecurrentModel(
            name, version, manifest with { Output = output }, codec, runtime, CodecBuilder.Output(output, codec, [], runtime.OutputSize), Digits(hash))
        {
            Format = "ONNX",
        };
        model.ExampleError = ChecksExamples ? ExampleCheck.Run(model) : null;
        return model;
    }

    static RecurrentState StateOf(RecurrentModel model, string name, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StateCodec.Decode(model.Layout, bytes);
        }
        catch (EngineException exception)
        {
            throw EngineException.Model($"{name}.state: {exception.Message}");
        }
    }

    static IReadOnlyList<LayerManifest> Layers(string file, ModelFile content)
    {
        if (content.Layers is null)
        {
            throw EngineException.Model($"{file}: it does not tell its layers; name them in model.json: \"layers\": [ ... ].");
        }

        return content.Doubts is []
            ? content.Layers
            : throw EngineException.Model(
                $"{file}: {string.Join(" ", content.Doubts)} Confirm or mend this line and add it to model.json: \"layers\": {ManifestJson.Line(content.Layers)}");
    }

    // A state means something only under the same weights, layers and input scaling; prose, examples and the file's format don't matter.
    static string Fingerprint(ModelManifest manifest, IReadOnlyList<Tensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Input, ManifestJson.Options));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Layers, ManifestJson.Options));
        hash.AppendData(manifest.Encoder is null ? [] : JsonSerializer.SerializeToUtf8Bytes(manifest.Encoder, ManifestJson.Options));
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData(MemoryMarshal.AsBytes<int>(tensor.Shape));
            hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        }

        return Digits(hash);
    }

    static string Digits(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
}
