using System.Globalization;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>Builds the encoder of an encoder-decoder: first the stack, and once the decoder's is known, the bridge to it.</summary>
sealed class EncoderBuilder
{
    const int MaxMemory = 1 << 18;          // 1 MiB in each state

    readonly EncoderManifest _manifest;
    readonly WeightSet _weights;
    readonly Precision _precision;
    readonly InputCodec _codec;
    readonly Network _network;

    /// <exception cref="EngineException">The stack can't be what the manifest says.</exception>
    public EncoderBuilder(EncoderManifest manifest, WeightSet weights, Precision precision)
    {
        (_manifest, _weights, _precision) = (manifest, weights, precision);
        _codec = CodecBuilder.Input(manifest.Input);
        try
        {
            _network = new NetworkBuilder(weights, _codec, precision).Build(manifest.Layers);
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
        {
            throw EngineException.Model(exception.Message.Replace("model.json: ", "model.json: encoder: ", StringComparison.Ordinal));
        }

        if (_network.Timesteps(2) == 1 || Mask.Of(manifest.Layers) is not null)
        {
            throw EngineException.Model("model.json: encoder: its layers pass on every timestep, and none is masked; it has no use for others.");
        }

        var longest = Math.Min(LayerRuntime.MaxTimesteps(_network), MaxMemory / _network.OutputSize);
        if (manifest.MaxLength < 1 || manifest.MaxLength > longest)
        {
            throw EngineException.Model($"model.json: encoder.maxLength is {manifest.MaxLength}; it must be 1 to {longest}.");
        }

        Memory = new MemoryShape(manifest.MaxLength, _network.OutputSize);
    }

    /// <summary>What it leaves for a decoder to attend to.</summary>
    public MemoryShape Memory { get; }

    /// <summary>The encoder of a decoder.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="model">The manifest of the whole.</param>
    /// <param name="format">The format of the weights file.</param>
    /// <param name="fingerprint">Identifies the whole.</param>
    /// <param name="decoder">What the decoder keeps between timesteps.</param>
    /// <exception cref="EngineException">The bridge does not fit both.</exception>
    public Encoder Build(string name, int version, ModelManifest model, string format, string fingerprint, IReadOnlyList<StatePart> decoder)
    {
        var bridge = Bridge([.. decoder.Where(part => part.Kind is StateKind.Hidden or StateKind.Cell)]);
        var head = new ValueHead([.. Enumerable.Range(0, Memory.Width).Select(index => new Quantity($"m[{index.ToString(CultureInfo.InvariantCulture)}]"))]);
        var manifest = model with { Encoder = null, Input = _manifest.Input, Layers = _manifest.Layers, Output = null, Examples = [] };
        return new Encoder(
            new RecurrentModel(name, version, manifest, _codec, new LayerRuntime(_network, parameterCount: 0), head, fingerprint) { Format = format }, bridge, _manifest.MaxLength);
    }

    DenseLayer? Bridge(List<StatePart> decoder)
    {
        if (_manifest.Bridge is DenseBridge dense)
        {
            var (rows, columns) = (decoder.Sum(part => part.Size), _network.StateParts.Sum(part => part.Size));
            return new DenseLayer(
                PackedMatrix.Of(_precision, rows, columns, _weights.Take($"{dense.Name}.weight", rows, columns)),
                _weights.Take($"{dense.Name}.bias", rows),
                dense.Activation);
        }

        return _network.StateParts.Select(part => (part.Kind, part.Size)).SequenceEqual(decoder.Select(part => (part.Kind, part.Size)))
            ? null
            : throw EngineException.Model(
                $"model.json: encoder.bridge copies the encoder's state, {Describe(_network.StateParts)}, to the decoder's, {Describe(decoder)}; "
                + "they must have the same kinds and sizes, or the bridge must be dense.");
    }

    static string Describe(IReadOnlyList<StatePart> parts) =>
        string.Join(", ", parts.Select(part => $"{part.Layer} {part.Kind.ToString().ToLowerInvariant()} {part.Size}"));
}
