using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Models;

/// <summary>Builds recurrent layers: the fast ones where a manifest asks for nothing unusual, and the general ones elsewhere.</summary>
/// <param name="weights">What the layers take from.</param>
/// <param name="precision">How weights are kept.</param>
sealed class RecurrentBuilder(WeightSet weights, Precision precision)
{
    const int MaxSize = 1 << 16;
    const int MaxLayers = 64;

    readonly List<float> _initialState = [];
    bool _isInitialStateGiven;

    /// <summary>The state before the first timestep, of all layers built so far in their order; empty if it is zero.</summary>
    public float[] InitialState => _isInitialStateGiven ? [.. _initialState] : [];

    /// <summary>The layers of one manifest, from below; with directions, each is several.</summary>
    public List<Layer> Build(string where, RecurrentManifest manifest, int width)
    {
        Expect(where, "hiddenSize", manifest.HiddenSize, 1, MaxSize);
        Expect(where, "layers", manifest.Layers, 1, MaxLayers);
        Expect(where, "projectionSize", manifest is LstmManifest lstm ? lstm.ProjectionSize : 0, 0, manifest.HiddenSize);
        if (!(manifest.Clip >= 0))
        {
            throw EngineException.Model($"model.json: {where}.clip is {manifest.Clip}; it must be 0 or more.");
        }

        var layers = new List<Layer>();
        for (var index = 0; index < manifest.Layers; index++)
        {
            layers.AddRange(Directed(manifest, index, width, manifest.ReturnsLast && index == manifest.Layers - 1));
            width = layers[^1].OutputSize;
        }

        return layers;
    }

    List<Layer> Directed(RecurrentManifest manifest, int index, int width, bool returnsLast)
    {
        switch (manifest.Direction)
        {
            case Direction.Forward:
                return Forward(manifest, index, width, returnsLast);
            case Direction.Backward:
                return Backward(manifest, index, width, returnsLast, "");
            default:
                var forward = new SequentialLayer(width, Forward(manifest, index, width, returnsLast));
                var backward = new SequentialLayer(width, Backward(manifest, index, width, returnsLast, "_reverse"));
                return [new ParallelLayer([forward, backward], manifest.Merge)];
        }
    }

    List<Layer> Forward(RecurrentManifest manifest, int index, int width, bool returnsLast)
    {
        var layer = Cell(manifest, index, width, "");
        return returnsLast ? [layer, new LastLayer(layer.OutputSize)] : [layer];
    }

    /// <summary>The last output of this direction is the one after the first timestep, which it reads last.</summary>
    List<Layer> Backward(RecurrentManifest manifest, int index, int width, bool returnsLast, string suffix)
    {
        var layer = Cell(manifest, index, width, suffix);
        return [new ReverseLayer(width), layer, returnsLast ? new LastLayer(layer.OutputSize) : new ReverseLayer(layer.OutputSize)];
    }

    RecurrentLayer Cell(RecurrentManifest manifest, int index, int width, string suffix)
    {
        var gates = GateWeights.Take(weights, precision, manifest, index, width, suffix);
        var name = $"{manifest.Name}.{index}{suffix}";
        RecurrentLayer layer = manifest switch
        {
            ElmanManifest elman => new ElmanLayer(name, gates.Ih, gates.Hh, gates.Bias, elman.Activation, elman.Clip),
            LstmManifest lstm => Lstm(name, lstm, gates, $"l{index}{suffix}"),
            _ => Gru(name, (GruManifest)manifest, gates),
        };
        AddInitialState(manifest, layer, $"l{index}{suffix}");
        return layer;
    }

    RecurrentLayer Lstm(string name, LstmManifest manifest, GateWeights gates, string place)
    {
        var isPlain = manifest is
        {
            ProjectionSize: 0,
            Peepholes: false,
            InputForget: false,
            Clip: 0,
            RecurrentActivation.Kind: ActivationKind.Sigmoid,
            Activation.Kind: ActivationKind.Tanh,
            OutputActivation: null or { Kind: ActivationKind.Tanh },
        };
        if (isPlain)
        {
            return new LstmLayer(name, gates.Ih, gates.Hh, gates.Bias);
        }

        var (hidden, projected) = (manifest.HiddenSize, manifest.ProjectionSize);
        var peepholes = manifest.Peepholes ? weights.Take($"{manifest.Name}.weight_ch_{place}", 3 * hidden).Chunk(hidden) : [[], [], []];
        return new LstmVariantLayer(name, gates.PlainIh, gates.PlainHh, gates.Bias, new LstmForm
        {
            RecurrentActivation = manifest.RecurrentActivation,
            Activation = manifest.Activation,
            OutputActivation = manifest.OutputActivation ?? manifest.Activation,
            Peepholes = [.. peepholes],
            InputForget = manifest.InputForget,
            Limit = manifest.Clip,
            Projection = projected == 0
                ? null
                : PackedMatrix.Of(precision, projected, hidden, weights.Take($"{manifest.Name}.weight_hr_{place}", projected, hidden)),
        });
    }

    static RecurrentLayer Gru(string name, GruManifest manifest, GateWeights gates) =>
        manifest is { ResetAfter: true, Clip: 0, RecurrentActivation.Kind: ActivationKind.Sigmoid, Activation.Kind: ActivationKind.Tanh }
            ? new GruLayer(name, gates.Ih, gates.Hh, gates.BIh, gates.BHh)
            : new GruVariantLayer(name, gates.PlainIh, gates.PlainHhOf(0..2), gates.PlainHhOf(2..3), gates.BIh, gates.BHh, new GruForm
            {
                ResetAfter = manifest.ResetAfter,
                RecurrentActivation = manifest.RecurrentActivation,
                Activation = manifest.Activation,
                Limit = manifest.Clip,
            });

    void AddInitialState(RecurrentManifest manifest, RecurrentLayer layer, string place)
    {
        foreach (var part in layer.StateParts)
        {
            _initialState.AddRange(manifest.InitialState
                ? weights.Take($"{manifest.Name}.{(part.Kind == StateKind.Hidden ? "h0" : "c0")}_{place}", part.Size)
                : new float[part.Size]);
        }

        _isInitialStateGiven |= manifest.InitialState;
    }

    static void Expect(string where, string property, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
        {
            throw EngineException.Model($"model.json: {where}.{property} is {value}; it must be {minimum} to {maximum}.");
        }
    }
}
