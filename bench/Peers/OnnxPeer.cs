using Microsoft.ML.OnnxRuntime;

namespace Rnn.Bench.Peers;

/// <summary>
/// ONNX Runtime with the same weights, at its best: one thread, tensors over arrays that were made once, two sets of states
/// that change places.
/// </summary>
static class OnnxPeer
{
    public static string Version => typeof(InferenceSession).Assembly.GetName().Version!.ToString(3);

    /// <returns>One step or sequence; gives the last layer's hidden states [B, H], or the logits [B, V].</returns>
    public static Func<float[]> Build(Work work, LstmWeights weights, bool int8)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        var session = new InferenceSession(Model(work, weights, int8), options);
        var run = new RunOptions();
        var states = 2 * work.Layers;
        float[][] values = [.. Enumerable.Range(0, 2 * states).Select(_ => new float[work.Batch * work.Hidden])];
        OrtValue[] tensors = [.. values.Select(state => OrtValue.CreateTensorValueFromMemory(state, [1, work.Batch, work.Hidden]))];
        var input = work.Tokens > 0
            ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(weights.Tokens, token => (long)token), [1, work.Batch])
            : OrtValue.CreateTensorValueFromMemory(weights.X, [work.Timesteps, work.Batch, work.Inputs]);
        var outputs = new float[Math.Max(work.Timesteps * work.Batch * work.Hidden, work.Batch * work.Tokens)];
        OrtValue[] extra = work.Tokens > 0 ? [OrtValue.CreateTensorValueFromMemory(outputs, [1, work.Batch, work.Tokens])]
            : work.Timesteps > 1 ? [OrtValue.CreateTensorValueFromMemory(outputs, [work.Timesteps, 1, work.Batch, work.Hidden])]
            : [];
        var names = Enumerable.Range(0, work.Layers).SelectMany(layer => new[] { $"h{layer}", $"c{layer}" }).ToList();
        string[] inputNames = ["x", .. names];
        string[] outputNames = [.. names.Select(name => $"{name}_out"), .. extra.Select(_ => "y")];
        OrtValue[][] from = [[input, .. tensors[..states]], [input, .. tensors[states..]]];
        OrtValue[][] to = [[.. tensors[states..], .. extra], [.. tensors[..states], .. extra]];
        var turn = 0;
        return () =>
        {
            session.Run(run, inputNames, from[turn], outputNames, to[turn]);
            turn = 1 - turn;
            return work.Tokens > 0 ? outputs : values[turn * states];
        };
    }

    static byte[] Model(Work work, LstmWeights weights, bool int8)
    {
        var graph = new OnnxGraph();
        int[] state = [1, work.Batch, work.Hidden];
        var x = work.Tokens > 0 ? graph.Tokens("x", [1, work.Batch]) : graph.Input("x", [work.Timesteps, work.Batch, work.Inputs]);
        if (work.Tokens > 0)
        {
            graph.Node("Gather", [graph.Tensor("embedding", [work.Tokens, work.Inputs], weights.Embedding), x], ["embedded"]);
            x = "embedded";
        }

        var axes = work.Layers > 1 || work.Tokens > 0 ? graph.Tensor("axes", [1], [1L]) : "";
        foreach (var (index, layer) in weights.Layers.Index())
        {
            var (h, c) = (graph.Input($"h{index}", state), graph.Input($"c{index}", state));
            var isLast = index == work.Layers - 1;
            var y = !isLast || work.Tokens > 0 ? $"y{index}" : work.Timesteps > 1 ? "y" : "";
            Lstm(graph, work, index, layer, x, y, int8);
            graph.Output($"{h}_out", state);
            graph.Output($"{c}_out", state);
            if (!isLast || work.Tokens > 0)
            {
                graph.Node("Squeeze", [y, axes], [$"x{index + 1}"]);
                x = $"x{index + 1}";
            }
        }

        if (work.Tokens > 0)
        {
            graph.Node("MatMul", [x, graph.Tensor("head", [work.Hidden, work.Tokens], Transpose(weights.Head, work.Tokens, work.Hidden))], ["product"]);
            graph.Node("Add", ["product", graph.Tensor("head bias", [work.Tokens], weights.HeadBias)], ["y"]);
            graph.Output("y", [1, work.Batch, work.Tokens]);
        }
        else if (work.Timesteps > 1)
        {
            graph.Output("y", [work.Timesteps, 1, work.Batch, work.Hidden]);
        }

        return graph.ToModel();
    }

    static void Lstm(OnnxGraph graph, Work work, int index, (float[] Ih, float[] Hh, float[] Bias) layer, string x, string y, bool int8)
    {
        var (hidden, inputs) = (work.Hidden, work.InputsOf(index));
        var (w, r) = (Iofc(layer.Ih, inputs, hidden), Iofc(layer.Hh, hidden, hidden));
        var b = graph.Tensor($"B{index}", [1, 8 * hidden], [.. Iofc(layer.Bias, 1, hidden), .. new float[4 * hidden]]);
        string[] outputs = [y, $"h{index}_out", $"c{index}_out"];
        if (int8)
        {
            graph.Node(
                "DynamicQuantizeLSTM",
                [
                    x,
                    graph.Tensor($"W{index}", [1, inputs, 4 * hidden], Quantise(Transpose(w, 4 * hidden, inputs), out var scaleW)),
                    graph.Tensor($"R{index}", [1, hidden, 4 * hidden], Quantise(Transpose(r, 4 * hidden, hidden), out var scaleR)),
                    b, "", $"h{index}", $"c{index}", "",
                    graph.Tensor($"scaleW{index}", [1], [scaleW]), graph.Tensor($"zeroW{index}", [1], new sbyte[1]),
                    graph.Tensor($"scaleR{index}", [1], [scaleR]), graph.Tensor($"zeroR{index}", [1], new sbyte[1]),
                ],
                outputs, [("hidden_size", hidden)], "com.microsoft");
        }
        else
        {
            graph.Node(
                "LSTM",
                [x, graph.Tensor($"W{index}", [1, 4 * hidden, inputs], w), graph.Tensor($"R{index}", [1, 4 * hidden, hidden], r), b, "", $"h{index}", $"c{index}"],
                outputs, [("hidden_size", hidden)]);
        }
    }

    /// <summary>ONNX's order of the gates.</summary>
    static float[] Iofc(float[] gates, int columns, int hidden)
    {
        var block = hidden * columns;
        return [.. new[] { 0, 3, 1, 2 }.SelectMany(gate => gates.AsSpan(gate * block, block).ToArray())];
    }

    static float[] Transpose(float[] values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            result[i % columns * rows + i / columns] = values[i];
        }

        return result;
    }

    static sbyte[] Quantise(float[] values, out float scale)
    {
        var unit = values.Max(Math.Abs) / 127;
        scale = unit;
        return Array.ConvertAll(values, value => (sbyte)MathF.Round(value / unit));
    }
}
