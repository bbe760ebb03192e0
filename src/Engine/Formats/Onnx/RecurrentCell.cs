using Rnn.Engine.Manifests;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// One direction of a recurrent node: its settings, and its weights in PyTorch's order of gates. ONNX has W [D, G H, I],
/// R [D, G H, H], B [D, 2 G H] with the biases of W before those of R, and P [D, 3 H].
/// </summary>
sealed record RecurrentCell(RecurrentManifest Settings, IReadOnlyList<Weight> Weights, int Inputs)
{
    const int Peepholes = 7;

    // Where PyTorch's gates lie in ONNX: i, f, g, o of i, o, f, c; r, z, n of z, r, h. Peepholes: i, f, o of i, o, f.
    static readonly int[] LstmGates = [0, 2, 3, 1];
    static readonly int[] GruGates = [1, 0, 2];
    static readonly int[] PeepholeGates = [0, 2, 1];

    /// <summary>The directions of a node in the order of its tensors.</summary>
    /// <exception cref="EngineException">A tensor is missing or has another shape, or an attribute is unknown.</exception>
    public static IReadOnlyList<RecurrentCell> Read(Node node, bool isBatchFirst, InitialState? h, InitialState? c)
    {
        int[] gates = node.Operator switch { "LSTM" => LstmGates, "GRU" => GruGates, _ => [0] };
        Direction[] directions = node.Text("direction", "forward").ToLowerInvariant() switch
        {
            "forward" => [Direction.Forward],
            "reverse" => [Direction.Backward],
            "bidirectional" => [Direction.Forward, Direction.Backward],
            var other => throw node.Refusal($"has direction '{Node.Shown(other)}'; forward, reverse and bidirectional are known"),
        };

        var (w, r) = (node.Constant(1), node.Constant(2));
        if (w.Shape is not [_, _, var inputs] || r.Shape is not [_, _, var hidden] || inputs == 0 || hidden == 0)
        {
            throw node.Refusal("has W or R of other than three dimensions");
        }

        Expect(node, "hidden_size", [(int)Math.Clamp(node.Int("hidden_size", hidden), 0, int.MaxValue)], hidden);
        Expect(node, "W", w.Shape, directions.Length, (long)gates.Length * hidden, inputs);
        Expect(node, "R", r.Shape, directions.Length, (long)gates.Length * hidden, hidden);
        var b = node.Input(3) is null ? null : node.Constant(3);
        Expect(node, "B", b?.Shape ?? [], b is null ? [] : [directions.Length, 2L * gates.Length * hidden]);
        var p = node.Input(Peepholes) is null ? null : node.Constant(Peepholes);
        Expect(node, "P", p?.Shape ?? [], p is null ? [] : [directions.Length, 3L * hidden]);

        var activations = RecurrentActivations.Read(node, directions.Length);
        return [.. directions.Select((direction, d) =>
        {
            List<Weight> weights =
            [
                new("weight_ih", [gates.Length * hidden, inputs], Gates(node, w, d, gates, hidden * inputs)),
                new("weight_hh", [gates.Length * hidden, hidden], Gates(node, r, d, gates, hidden * hidden)),
            ];
            if (b is not null)
            {
                weights.Add(new("bias_ih", [gates.Length * hidden], Gates(node, b, 2 * d, gates, hidden)));
                weights.Add(new("bias_hh", [gates.Length * hidden], Gates(node, b, 2 * d + 1, gates, hidden)));
            }

            if (p is not null)
            {
                weights.Add(new("weight_ch", [3 * hidden], Gates(node, p, d, PeepholeGates, hidden)));
            }

            if (h is not null || c is not null)
            {
                weights.Add(new("h0", [hidden], State(node, h, d, directions.Length, hidden, isBatchFirst)));
                if (node.Operator == "LSTM")
                {
                    weights.Add(new("c0", [hidden], State(node, c, d, directions.Length, hidden, isBatchFirst)));
                }
            }

            var settings = Form(node, activations[d], p is not null) with
            {
                HiddenSize = hidden,
                Bias = b is not null,
                Direction = direction,
                InitialState = h is not null || c is not null,
                Clip = node.Float("clip", 0) is >= 0 and var clip ? clip : throw node.Refusal("has a clip below 0"),
            };
            return new RecurrentCell(settings, weights, inputs);
        })];
    }

    static RecurrentManifest Form(Node node, Numerics.Activation[] activations, bool hasPeepholes) => node.Operator switch
    {
        "LSTM" => new LstmManifest
        {
            Name = "",
            HiddenSize = 0,
            Peepholes = hasPeepholes,
            InputForget = node.Int("input_forget", 0) != 0,
            RecurrentActivation = activations[0],
            Activation = activations[1],
            OutputActivation = activations[2] == activations[1] ? null : activations[2],
        },
        "GRU" => new GruManifest
        {
            Name = "",
            HiddenSize = 0,
            ResetAfter = node.Int("linear_before_reset", 0) != 0,
            RecurrentActivation = activations[0],
            Activation = activations[1],
        },
        _ => new ElmanManifest { Name = "", HiddenSize = 0, Activation = activations[0] },
    };

    /// <summary>The gates of one direction in another order, each of <paramref name="length"/> numbers.</summary>
    static float[] Gates(Node node, Constant tensor, int row, int[] order, int length)
    {
        var result = node.Allowance.Array((long)order.Length * length);
        for (var gate = 0; gate < order.Length; gate++)
        {
            tensor.Values.AsSpan((row * order.Length + order[gate]) * length, length).CopyTo(result.AsSpan(gate * length));
        }

        return result;
    }

    static float[] State(Node node, InitialState? state, int direction, int directions, int hidden, bool isBatchFirst)
    {
        var result = node.Allowance.Array(hidden);
        if (state?.Tensor is not { } tensor)
        {
            Array.Fill(result, state?.Number ?? 0);
            return result;
        }

        int[] shape = [.. Enumerable.Repeat(1, Math.Max(3 - tensor.Shape.Length, 0)), .. tensor.Shape];
        var (rows, count) = isBatchFirst ? (shape[0], shape[1]) : (shape[1], shape[0]);
        if (shape.Length != 3 || shape[2] != hidden || rows == 0 || (count != directions && !(count == 1 && tensor.IsBroadcast)))
        {
            throw node.Refusal($"has an initial state of shape [{string.Join(", ", shape)}]; there are {directions} directions of {hidden} numbers");
        }

        var d = count == 1 ? 0 : direction;
        for (var row = 0; row < rows; row++)
        {
            var numbers = tensor.Values.AsSpan(hidden * (isBatchFirst ? row * count + d : d * rows + row), hidden);
            if (row > 0 && !numbers.SequenceEqual(result))
            {
                throw node.Refusal("begins each row of the batch with another state; one that all begin with is read");
            }

            numbers.CopyTo(result);
        }

        return result;
    }

    static void Expect(Node node, string tensor, ReadOnlySpan<int> shape, params ReadOnlySpan<long> expected)
    {
        var isExpected = shape.Length == expected.Length;
        for (var i = 0; isExpected && i < shape.Length; i++)
        {
            isExpected = shape[i] == expected[i];
        }

        if (!isExpected)
        {
            throw node.Refusal($"has {tensor} [{string.Join(", ", shape.ToArray())}]; [{string.Join(", ", expected.ToArray())}] was expected");
        }
    }
}
