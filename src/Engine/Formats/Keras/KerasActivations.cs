using System.Text.Json;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Keras;

/// <summary>Keras's activations by their names.</summary>
static class KerasActivations
{
    /// <summary>The activation that a layer's configuration names.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="property">Which of its properties.</param>
    /// <param name="otherwise">What it is if the configuration does not say.</param>
    /// <exception cref="EngineException">It is another; the message names it.</exception>
    public static Activation Of(KerasLayer layer, string property, Activation otherwise)
    {
        if (!layer.Config.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return otherwise;
        }

        // Keras 3 may write { "class_name": "function", "config": "relu" }.
        while (value.ValueKind == JsonValueKind.Object && (value.TryGetProperty("config", out var inner) && inner.ValueKind == JsonValueKind.String
            || value.TryGetProperty("class_name", out inner)))
        {
            value = inner;
        }

        var name = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return Named(name, layer.Version) ?? throw layer.Refuse($"has the {property} '{name}', which is not known");
    }

    static Activation? Named(string name, int version) => name switch
    {
        "linear" => Activation.None,
        "relu" => Activation.Relu,
        "tanh" => Activation.Tanh,
        "sigmoid" => Activation.Sigmoid,
        "softmax" => Activation.Softmax,
        "hard_sigmoid" => HardSigmoid(version),
        "log_softmax" => new(ActivationKind.LogSoftmax),
        "relu6" => new(ActivationKind.Relu6),
        "leaky_relu" => new(ActivationKind.LeakyRelu, 0.2f),
        "elu" => new(ActivationKind.Elu),
        "selu" => new(ActivationKind.Selu),
        "gelu" => new(ActivationKind.Gelu),
        "swish" or "silu" => new(ActivationKind.Silu),
        "mish" => new(ActivationKind.Mish),
        "softplus" => new(ActivationKind.Softplus),
        "softsign" => new(ActivationKind.Softsign),
        "exponential" => new(ActivationKind.Exponential),
        _ => null,
    };

    /// <summary>0.2 x + 0.5 until Keras 2 and in TF.js; relu6(x + 3) / 6 in Keras 3.</summary>
    public static Activation HardSigmoid(int version) =>
        version < 3 ? new(ActivationKind.HardSigmoid) : new(ActivationKind.HardSigmoid, 1 / 6f, 0.5f);
}
