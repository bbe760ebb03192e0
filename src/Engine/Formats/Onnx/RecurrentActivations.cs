using Rnn.Engine.Numerics;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// The activations of a recurrent node: names in any case, for each direction its own, and their parameters in two lists from
/// which each activation takes those that it has. Source: RNN, GRU and LSTM in the operator reference of onnx/onnx.
/// </summary>
static class RecurrentActivations
{
    /// <summary>The activations of each direction.</summary>
    /// <exception cref="EngineException">A name is unknown, or there are too few.</exception>
    public static Activation[][] Read(Node node, int directions)
    {
        string[] usual = node.Operator switch
        {
            "LSTM" => ["sigmoid", "tanh", "tanh"],
            "GRU" => ["sigmoid", "tanh"],
            _ => ["tanh"],
        };
        var names = node.Texts("activations");
        if (names.Length == 0)
        {
            names = [.. Enumerable.Repeat(usual, directions).SelectMany(name => name)];
        }

        if (names.Length != usual.Length * directions)
        {
            throw node.Refusal($"has {names.Length} activations; {usual.Length} for each of {directions} directions were expected");
        }

        var (alphas, betas) = (new Queue<float>(node.Floats("activation_alpha")), new Queue<float>(node.Floats("activation_beta")));
        return [.. names.Select(name => Of(node, name, alphas, betas)).Chunk(usual.Length)];
    }

    static Activation Of(Node node, string name, Queue<float> alphas, Queue<float> betas) => name.ToLowerInvariant() switch
    {
        "relu" => Activation.Relu,
        "tanh" => Activation.Tanh,
        "sigmoid" => Activation.Sigmoid,
        "softsign" => new Activation(ActivationKind.Softsign),
        "softplus" => new Activation(ActivationKind.Softplus),
        "leakyrelu" => new Activation(ActivationKind.LeakyRelu, Next(alphas, 0.01f)),
        "thresholdedrelu" => new Activation(ActivationKind.ThresholdedRelu, Next(alphas, 1)),
        "elu" => new Activation(ActivationKind.Elu, Next(alphas, 1)),
        "affine" => new Activation(ActivationKind.Affine, Next(alphas, 1), Next(betas, 0)),
        "scaledtanh" => new Activation(ActivationKind.ScaledTanh, Next(alphas, 1), Next(betas, 1)),
        "hardsigmoid" => new Activation(ActivationKind.HardSigmoid, Next(alphas, 0.2f), Next(betas, 0.5f)),
        _ => throw node.Refusal($"has activation '{Node.Shown(name)}', which ONNX does not know"),
    };

    static float Next(Queue<float> parameters, float otherwise) => parameters.TryDequeue(out var parameter) ? parameter : otherwise;
}
