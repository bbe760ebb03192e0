using Rnn.Engine.Formats;
using Rnn.Engine.Formats.Onnx;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>The recorded outputs of ONNX, of ONNX Runtime and of exporters.</summary>
public sealed class OnnxConformanceTests
{
    const string Refused = "rnn_RNN_with_invalid_activation_load_failure_01";

    public static TheoryData<string> Nodes => [.. Files("onnx-node").Concat(Files("ort-rnn")).Where(name => !name.EndsWith(Refused, StringComparison.Ordinal))];

    public static TheoryData<string> States => [.. Files("burn")];

    [Theory]
    [MemberData(nameof(Nodes))]
    public void A_node_gives_its_recorded_outputs_for_each_row_of_the_batch(string name)
    {
        var fixture = TestFile.Json<OnnxCase>($"{name}.json");
        var isBatchFirst = name.EndsWith("batchwise", StringComparison.Ordinal);
        var rows = fixture.Input("X").Rows(isBatchFirst ? "btf" : "tbf");
        var lengths = fixture.Find("sequence_lens")?.Data.Select(length => (int)length).ToArray();

        for (var row = 0; row < rows.Length; row++)
        {
            var constants = fixture.Inputs.Where(input => input.Name is "W" or "R" or "B" or "P").Select(input => input.ToTensor())
                .Concat(fixture.Inputs.Where(input => input.Name is "initial_h" or "initial_c").Select(input => input.RowOf(row, isBatchFirst)))
                .ToDictionary(tensor => tensor.Name);
            var file = OnnxFile.Read(name, TestFile.Bytes($"{name}.onnx"), constants);
            ExpectOutputs(fixture, file, isBatchFirst, row, rows[row][..(lengths?[row] ?? rows[row].Length)], null);
        }
    }

    [Theory]
    [MemberData(nameof(States))]
    public void A_graph_gives_its_recorded_outputs_from_the_state_that_the_caller_keeps(string name)
    {
        var fixture = TestFile.Json<OnnxCase>($"{name}.json");
        var file = OnnxFile.Read(name, TestFile.Bytes($"{name}.onnx"));
        var rows = fixture.Input("input").Rows("tbf");

        for (var row = 0; row < rows.Length; row++)
        {
            float[] state =
            [
                .. fixture.Find("initial_h", "h_0")?.Rows("dbf")[row][0] ?? [],
                .. fixture.Find("c_0")?.Rows("dbf")[row][0] ?? [],
            ];
            ExpectOutputs(fixture, file, false, row, rows[row], state.Length == 0 ? null : state);
        }
    }

    [Fact]
    public void Two_nodes_that_read_a_sequence_from_either_end_are_one_bidirectional_layer()
    {
        var fixture = TestFile.Json<OnnxCase>("onnx/cntk/bidirectional.json");
        var file = OnnxFile.Read("cntk", TestFile.Bytes("onnx/cntk/bidirectional.onnx"));

        var outputs = Reading.Run(file, fixture.Inputs[0].Rows("tbf")[0]);

        Assert.Equal(Direction.Bidirectional, Assert.IsType<ElmanManifest>(Assert.Single(file.Layers!)).Direction);
        ExpectClose(fixture.Outputs[0].Rows("tbf")[0], outputs, fixture.Tolerance);
    }

    [Fact]
    public void A_trained_classifier_gives_its_recorded_probabilities()
    {
        var fixture = TestFile.Json<OnnxCase>("onnx/earthpulse/model.json");
        var file = OnnxFile.Read("earthpulse", TestFile.Bytes("onnx/earthpulse/model.onnx"));
        var rows = fixture.Inputs[0].Rows("btf");
        var expected = fixture.Outputs[0].Rows("bf");

        for (var row = 0; row < rows.Length; row++)
        {
            ExpectClose(expected[row], [Reading.Run(file, rows[row])[^1]], fixture.Tolerance);
        }

        Assert.Equal(
            ["LstmManifest", "AffineManifest", "LstmManifest", "AffineManifest", "DenseManifest", "DenseManifest"],
            file.Layers!.Select(layer => layer.GetType().Name));
    }

    [Fact]
    public void An_activation_that_ONNX_does_not_know_is_refused_by_name()
    {
        var constants = TestFile.Json<OnnxCase>($"onnx/ort-rnn/{Refused}.json").Inputs.Where(input => input.Name is not "X").ToDictionary(input => input.Name, input => input.ToTensor());

        var exception = Assert.Throws<EngineException>(() => OnnxFile.Read("file", TestFile.Bytes($"onnx/ort-rnn/{Refused}.onnx"), constants));

        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        Assert.Contains("Invalid_activation", exception.Message, StringComparison.Ordinal);
        Assert.Contains("(RNN)", exception.Message, StringComparison.Ordinal);
    }

    static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(TestFile.PathOf($"onnx/{folder}"), "*.onnx")
        .Select(path => $"onnx/{folder}/{Path.GetFileNameWithoutExtension(path)}").Order(StringComparer.Ordinal);

    static void ExpectOutputs(OnnxCase fixture, ModelFile file, bool isBatchFirst, int row, float[][] vectors, float[]? initialState)
    {
        // Of a sequence without timesteps ONNX Runtime gives zeros.
        var state = Array.Empty<float>();
        var outputs = vectors.Length == 0 ? [] : Reading.Run(file, vectors, initialState, out state);
        var hasAll = fixture.Outputs.Any(output => output.Name is "Y" or "output");
        foreach (var output in fixture.Outputs)
        {
            var cells = file.Layers![0] is LstmManifest ? 2 : 1;
            var layout = output.Name switch
            {
                "output" => "tbf",
                "Y" => isBatchFirst ? "btdf" : "tdbf",
                _ => isBatchFirst ? "bdf" : "dbf",
            };
            var expected = output.Rows(layout)[row];
            if (output.Name is "Y" or "output")
            {
                ExpectClose(expected[..vectors.Length], outputs, fixture.Tolerance);
                Assert.All(expected[vectors.Length..], vector => Assert.All(vector, number => Assert.Equal(0, number)));
                continue;
            }

            var size = ((RecurrentManifest)file.Layers[0]).HiddenSize;
            var part = output.Name is "Y_c" or "c_n" ? 1 : 0;
            var kept = vectors.Length == 0 ? new float[expected[0].Length] : state.Chunk(size).Where((_, index) => index % cells == part).SelectMany(chunk => chunk).ToArray();
            ExpectClose(expected, [kept], fixture.Tolerance);
            if (part == 0 && !hasAll && vectors.Length > 0)
            {
                ExpectClose(expected, [outputs[^1]], fixture.Tolerance);
            }
        }
    }

    internal static void ExpectClose(float[][] expected, float[][] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var t = 0; t < expected.Length; t++)
        {
            Assert.Equal(expected[t].Length, actual[t].Length);
            for (var i = 0; i < expected[t].Length; i++)
            {
                Assert.True(
                    Math.Abs(expected[t][i] - actual[t][i]) <= tolerance * (1 + Math.Abs(expected[t][i])),
                    $"[{t}][{i}] is {actual[t][i]}; {expected[t][i]} was recorded.");
            }
        }
    }
}
