using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Keras;

/// <summary>
/// Keras's recurrent layers in our form. Kernels are transposed; an LSTM's gates i, f, c, o are our i, f, g, o; a GRU's z, r, h are put
/// into the order r, z, n. A bias [2, 3H] is that of a GRU whose reset gate stands after the product, [3H] of one where it stands before.
/// </summary>
/// <param name="layer">The layer, not a wrapper around it.</param>
/// <param name="name">The prefix of its tensors.</param>
sealed class KerasRecurrent(KerasLayer layer, string name)
{
    /// <summary>Whether a class is a recurrent layer.</summary>
    public static bool Is(string className) => className is "SimpleRNN" or "LSTM" or "GRU" or "CuDNNLSTM" or "CuDNNGRU";

    int Gates => layer.ClassName switch
    {
        "SimpleRNN" => 1,
        "GRU" or "CuDNNGRU" => 3,
        _ => 4,
    };

    int Units => layer.Integer("units", "output_dim");

    /// <summary>What the layer is, reading forward and passing on every timestep.</summary>
    /// <param name="arrays">Its weights, which tell where a GRU's reset gate stands.</param>
    public RecurrentManifest Manifest(KerasArray[] arrays)
    {
        if (layer.Flag("time_major", false))
        {
            throw layer.Refuse("is time-major");
        }

        var bias = arrays.Length is 3 or 9 or 12;
        var activation = KerasActivations.Of(layer, "activation", Activation.Tanh);
        return layer.ClassName switch
        {
            "SimpleRNN" => new ElmanManifest { Name = name, HiddenSize = Units, Bias = bias, Activation = activation },
            "LSTM" or "CuDNNLSTM" => new LstmManifest
            {
                Name = name,
                HiddenSize = Units,
                Bias = bias,
                Activation = activation,
                RecurrentActivation = RecurrentActivation,
            },
            _ => new GruManifest
            {
                Name = name,
                HiddenSize = Units,
                Bias = bias,
                Activation = activation,
                RecurrentActivation = RecurrentActivation,
                ResetAfter = layer.ClassName == "CuDNNGRU" || (bias && arrays.Length == 3
                    ? arrays[2].Shape.Length == 2
                    : layer.Flag("reset_after", otherwise: false)),
            },
        };
    }

    // Standalone Keras began with hard_sigmoid; every tf.keras writes what it has.
    Activation RecurrentActivation => layer.ClassName is "CuDNNLSTM" or "CuDNNGRU"
        ? Activation.Sigmoid
        : KerasActivations.Of(
            layer,
            layer.Config.TryGetProperty("inner_activation", out _) ? "inner_activation" : "recurrent_activation",
            layer.Version < 3 ? KerasActivations.HardSigmoid(layer.Version) : Activation.Sigmoid);

    /// <summary>The tensors of one direction.</summary>
    /// <param name="arrays">kernel, recurrent kernel, and with a bias the bias; or three for each gate, as Keras 1 has them.</param>
    /// <param name="suffix">What the names end in: <c>_l0</c> or <c>_l0_reverse</c>.</param>
    /// <exception cref="EngineException">Their number or shapes are not the layer's.</exception>
    public IEnumerable<Tensor> Tensors(KerasArray[] arrays, string suffix)
    {
        arrays = arrays.Length == 3 * Gates && Gates > 1 ? Joined(arrays) : arrays;
        if (arrays is not [{ Shape: [var input, var width] } kernel, { Shape: [var hidden, var recurrentWidth] } recurrent, .. var biases]
            || width != (long)Gates * Units || recurrentWidth != width || hidden != Units || biases.Length > 1)
        {
            throw layer.Refuse($"has {(arrays.Length == 0 ? "no weights" : $"weights of shapes {Shapes(arrays)}")}; with {Units} units a kernel [I, {(long)Gates * Units}] and a recurrent kernel [{Units}, {(long)Gates * Units}] are expected");
        }

        yield return Of($"weight_ih{suffix}", Gates * Units, (int)input, Ordered(Rows(kernel)));
        yield return Of($"weight_hh{suffix}", Gates * Units, Units, Ordered(Rows(recurrent)));
        if (biases is [var bias])
        {
            var size = Gates * Units;
            var isDouble = bias.Values.Length == 2 * size;
            if (bias.Values.Length != size && !isDouble)
            {
                throw layer.Refuse($"has a bias of {bias.Values.Length} numbers; {size} or {2 * size} are expected");
            }

            yield return Of($"bias_ih{suffix}", size, null, Ordered(bias.Values[..size]));
            yield return Of($"bias_hh{suffix}", size, null, isDouble ? Ordered(bias.Values[size..]) : new float[size]);
        }
    }

    /// <summary>
    /// A kernel [I, G u] as rows of outputs [G u, I]. cuDNN's kernels have the same shape, but each gate's numbers lie in the order of
    /// outputs already.
    /// </summary>
    float[] Rows(KerasArray kernel)
    {
        if (!layer.ClassName.StartsWith("CuDNN", StringComparison.Ordinal))
        {
            return kernel.Transposed();
        }

        var (rows, width) = ((int)kernel.Shape[0], Gates * Units);
        var values = new List<float>(kernel.Values.Length);
        for (var gate = 0; gate < Gates; gate++)
        {
            for (var row = 0; row < rows; row++)
            {
                values.AddRange(kernel.Values.AsSpan(row * width + gate * Units, Units));
            }
        }

        return [.. values];
    }

    Tensor Of(string parameter, int rows, int? columns, float[] values) =>
        Tensor.Finite(layer.File, $"{name}.{parameter}", columns is { } count ? [rows, count] : [rows], values);

    /// <summary>The gates in our order: only a GRU's first two change places.</summary>
    float[] Ordered(float[] values)
    {
        var gate = values.Length / Gates;
        return Gates == 3 ? [.. values[gate..(2 * gate)], .. values[..gate], .. values[(2 * gate)..]] : values;
    }

    /// <summary>The arrays of Keras 1, W, U and b of each gate in turn, as one kernel, one recurrent kernel and one bias.</summary>
    KerasArray[] Joined(KerasArray[] arrays)
    {
        // An LSTM's are written in the order i, c, f, o.
        int[] gates = Gates == 4 ? [0, 2, 1, 3] : [0, 1, 2];
        return [.. Enumerable.Range(0, 3).Select(part => Concat([.. gates.Select(gate => arrays[3 * gate + part])]))];
    }

    KerasArray Concat(KerasArray[] gates)
    {
        if (Array.Exists(gates, gate => !gate.Shape.SequenceEqual(gates[0].Shape) || gate.Shape.Length is 0 or > 2 || gate.Shape[^1] != Units))
        {
            throw layer.Refuse($"has weights of shapes {Shapes(gates)} for its gates; they should be alike, {Units} wide");
        }

        var values = new List<float>();
        for (var row = 0; row < gates[0].Values.Length / Units; row++)
        {
            values.AddRange(gates.SelectMany(gate => gate.Values.Skip(row * Units).Take(Units)));
        }

        return new KerasArray([.. gates[0].Shape[..^1], gates.Length * Units], [.. values]);
    }

    static string Shapes(IEnumerable<KerasArray> arrays) => string.Join(" ", arrays.Select(array => $"[{string.Join(", ", array.Shape)}]"));
}
