using Google.Protobuf;
using Rnn.Engine.Formats.Onnx;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>The cases of WebNN's reference, which has the cells of ONNX in another order of gates.</summary>
public sealed class OnnxWebTests
{
    const float Tolerance = 1e-5f;

    static WebCase[] Cases { get; } = TestFile.Json<WebFile>("onnx/webnn/cases.json").Cases;

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Cases.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_gru_gives_the_outputs_of_the_reference(int number)
    {
        var (arguments, options, expected) = Cases[number];
        var hasAll = options.ReturnSequence;
        var isBackward = options.Direction == "backward";
        var rows = arguments.Input.Rows("tbf");
        int[] gates = options.Layout == "rzn" ? [1, 0, 2] : [0, 1, 2];
        var graph = new GraphBuilder("x", arguments.Input.Shape);
        var node = graph.Node("GRU", ["x", "W", "R", "B", "", options.InitialHiddenState is null ? "" : "H"], [hasAll ? "y" : "", hasAll ? "" : "y"]);
        node.Attribute.Add(new AttributeProto { Name = "linear_before_reset", I = options.ResetAfter ? 1 : 0 });
        node.Attribute.Add(new AttributeProto { Name = "direction", S = ByteString.CopyFromUtf8(options.Direction switch { "both" => "bidirectional", "backward" => "reverse", var other => other }) });
        node.Attribute.Add(new AttributeProto { Name = "activations", Strings = { Enumerable.Repeat(options.Activations, arguments.Weight.Shape[0]).SelectMany(names => names).Select(ByteString.CopyFromUtf8) } });
        graph.Weight("W", Reordered(arguments.Weight, gates));
        graph.Weight("R", Reordered(arguments.RecurrentWeight, gates));
        graph.Weight("B", Biases(Reordered(options.Bias, gates), Reordered(options.RecurrentBias, gates)));
        graph.Output("y");
        if (options.InitialHiddenState is not null)
        {
            graph.Input("H");
        }

        for (var row = 0; row < rows.Length; row++)
        {
            var constants = options.InitialHiddenState is { } h ? new Dictionary<string, Weights.Tensor> { ["H"] = h.RowOf(row, batchFirst: false) } : null;
            var file = OnnxFile.Read("file", graph.Bytes(), constants);

            var outputs = Reading.Run(file, rows[row], null, out var state);

            OnnxConformanceTests.ExpectClose(expected[0].Rows("dbf")[row], [state], Tolerance);
            OnnxConformanceTests.ExpectClose(hasAll ? expected[1].Rows("tdbf")[row] : [state], hasAll ? outputs : [outputs[^1]], Tolerance);
        }

        Assert.Equal(isBackward, ((Manifests.RecurrentManifest)OnnxFile.Read("file", graph.Bytes()).Layers![0]).Direction == Manifests.Direction.Backward);
    }

    static Numbers Reordered(Numbers tensor, int[] gates)
    {
        var chunks = tensor.Data.Chunk(tensor.Data.Length / tensor.Shape[0] / 3).ToArray();
        return tensor with { Data = [.. chunks.SelectMany((_, i) => chunks[i / 3 * 3 + gates[i % 3]])] };
    }

    static Numbers Biases(Numbers w, Numbers r) => w with
    {
        Shape = [w.Shape[0], 2 * w.Shape[1]],
        Data = [.. w.Data.Chunk(w.Shape[1]).Zip(r.Data.Chunk(w.Shape[1])).SelectMany(pair => pair.First.Concat(pair.Second))],
    };

    sealed record WebFile(WebCase[] Cases);

    sealed record WebCase(WebArguments Args, WebOptions Options, Numbers[] Expect);

    sealed record WebArguments(Numbers Input, Numbers Weight, Numbers RecurrentWeight);

    sealed record WebOptions
    {
        public required Numbers Bias { get; init; }

        public required Numbers RecurrentBias { get; init; }

        public Numbers? InitialHiddenState { get; init; }

        public bool ResetAfter { get; init; } = true;

        public bool ReturnSequence { get; init; }

        public string Layout { get; init; } = "zrn";

        public string Direction { get; init; } = "forward";

        public string[] Activations { get; init; } = ["sigmoid", "tanh"];
    }
}
