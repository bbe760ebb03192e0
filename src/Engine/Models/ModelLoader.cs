using System.Security.Cryptography;
using System.Text.Json;
using Rnn.Engine.Codecs;
using Rnn.Engine.Formats;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>Loads a model folder, and refuses it if its manifest, its weights or its numbers are wrong.</summary>
public static class ModelLoader
{
    const long MaxWeightBytes = 512L << 20;
    const long MaxManifestBytes = 16L << 20;

    /// <summary>Loads the folder of one version.</summary>
    /// <param name="name">The name to serve it under.</param>
    /// <param name="version">Its version.</param>
    /// <param name="folder">The folder that holds <c>model.json</c>.</param>
    /// <exception cref="EngineException">The model can't be served; the message says which file, what, and what was expected.</exception>
    public static RecurrentModel Load(string name, int version, string folder)
    {
        try
        {
            return LoadFolder(name, version, folder);
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
        {
            throw EngineException.Model($"Model '{name}' version {version}: {exception.Message}");
        }
    }

    static RecurrentModel LoadFolder(string name, int version, string folder)
    {
        var manifest = ReadManifest(folder);
        var file = Path.GetFileName(manifest.Weights);
        if (file != manifest.Weights)
        {
            throw EngineException.Model($"model.json: weights is '{manifest.Weights}'; it must be the name of a file beside it.");
        }

        var bytes = ReadFile(folder, file, MaxWeightBytes);
        var fingerprint = Fingerprint(manifest, bytes);
        var input = Codec(manifest.Input);
        var exact = Build(Precision.Float32);
        ExampleCheck.Run(exact);
        if (manifest.Precision == Precision.Float32)
        {
            return exact;
        }

        var rounded = Build(manifest.Precision);
        rounded.PrecisionError = manifest.Examples.Count > 0 ? ExampleCheck.LargestDifference(exact, rounded) : null;
        return rounded;

        RecurrentModel Build(Precision precision)
        {
            var weights = new WeightSet(file, SafeTensors.Read(file, bytes).Tensors);
            var parameters = weights.ParameterCount;
            var network = new NetworkBuilder(weights, input.Size, input is TokenCodec, precision).Build(manifest.Layers);
            weights.ExpectEmpty();
            var layout = new StateLayout(fingerprint, network.StateParts);
            return new RecurrentModel(name, version, manifest, input, network, Head(manifest, input, network), layout, parameters);
        }
    }

    static ModelManifest ReadManifest(string folder)
    {
        ModelManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<ModelManifest>(ReadFile(folder, "model.json", MaxManifestBytes), ManifestJson.Options)
                ?? throw EngineException.Model("model.json: it holds null; an object is expected.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw EngineException.Model($"model.json: {exception.Message}");
        }

        return manifest.Format == ModelManifest.CurrentFormat
            ? manifest
            : throw EngineException.Model($"model.json: format is {manifest.Format}; {ModelManifest.CurrentFormat} is read.");
    }

    static byte[] ReadFile(string folder, string name, long maxBytes)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists)
        {
            throw EngineException.Model($"there is no file '{name}'.");
        }

        if (file.Length > maxBytes)
        {
            throw EngineException.Model($"{name}: {file.Length} bytes are more than the {maxBytes} that are read.");
        }

        return File.ReadAllBytes(file.FullName);
    }

    static InputCodec Codec(InputManifest manifest) => manifest switch
    {
        CharacterInput characters => new CharacterCodec(Vocabulary(characters), characters.Lowercase),
        WordInput words => new WordCodec(Vocabulary(words), words.Lowercase),
        FeatureInput { Features.Count: > 0 } features => new FeatureCodec(features.Features),
        _ => throw EngineException.Model("model.json: input.features holds no feature."),
    };

    static Vocabulary Vocabulary(TokenInput input) => new(input.Vocabulary, input.Unknown, input.Start, input.End);

    static OutputHead Head(ModelManifest manifest, InputCodec input, Network network)
    {
        var isNormalised = manifest.Layers is [.., DenseManifest { Activation.Kind: ActivationKind.Softmax }];
        OutputHead head = manifest.Output switch
        {
            NextTokenOutput => input is TokenCodec codec
                ? new NextTokenHead(codec.Vocabulary.Tokens, isNormalised)
                : throw EngineException.Model("model.json: output is next-token; it needs an input of characters or words."),
            ClassOutput classes => new ClassHead(classes.Labels, isNormalised),
            ValueOutput values => values.Values.FirstOrDefault(value => value.Scaling is { IsInvertible: false }) is { } value
                ? throw EngineException.Model($"model.json: output '{value.Name}' has a scaling that has no inverse.")
                : new ValueHead(values.Values),
            _ => throw EngineException.Model("model.json: output is of no known kind."),
        };

        return head.Size == network.OutputSize
            ? head
            : throw EngineException.Model(
                $"model.json: output names {head.Size} outputs; the last layer has {network.OutputSize}.");
    }

    // A state means something only under the same weights, layers and input scaling; prose and examples don't matter.
    static string Fingerprint(ModelManifest manifest, byte[] weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Input, ManifestJson.Options));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(manifest.Layers, ManifestJson.Options));
        hash.AppendData(weights);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
