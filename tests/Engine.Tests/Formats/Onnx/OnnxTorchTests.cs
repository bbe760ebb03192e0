using Rnn.Engine.Formats.Onnx;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>Networks as PyTorch exports them, with PyTorch's outputs: training/export_onnx.py.</summary>
public sealed class OnnxTorchTests
{
    const float Tolerance = 1e-5f;

    static Dictionary<string, OnnxCase> Cases { get; } = TestFile.Json<Dictionary<string, OnnxCase>>("onnx/torch/cases.json");

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_gives_the_outputs_of_PyTorch(string name)
    {
        var fixture = Cases[name];
        var file = OnnxFile.Read(name, TestFile.Bytes($"onnx/torch/{name}.onnx"));
        var order = fixture.BatchFirst ? "bt" : "tb";
        var layout = name switch
        {
            "series" or "embedding-lstm-linear" => "bt",
            "one-step" => "bf",
            "without-batch" => "tf",
            _ => order + "f",
        };
        var rows = fixture.Inputs[0].Rows(layout);

        for (var row = 0; row < rows.Length; row++)
        {
            var state = fixture.Inputs.Skip(1).Where(_ => name is "with-state" or "one-step").Select(input => input.Rows("dbf")[row][0].Chunk(4).ToArray()).ToArray();
            float[] initial = [.. Enumerable.Range(0, state.Length == 0 ? 0 : state[0].Length).SelectMany(layer => state.SelectMany(part => part[layer]))];
            var actual = name == "embedding-lstm-linear"
                ? Reading.Run(file, [.. rows[row].Select(vector => (int)vector[0])])
                : Reading.Run(file, rows[row], initial.Length == 0 ? null : initial, out _);

            var main = fixture.Outputs.Take(name == "two-heads" ? 2 : 1).Select(output => output.Rows(name switch
            {
                "without-batch" => "tf",
                _ => output.Shape.Length == 2 ? "bf" : order + "f",
            })[row]).ToList();
            float[][] expected = [.. main[0].Select((_, t) => main.SelectMany(output => output[t]).ToArray())];
            OnnxConformanceTests.ExpectClose(expected, actual[^expected.Length..], Tolerance);
        }
    }

    [Fact]
    public void Two_outputs_are_two_heads_on_one_trunk()
    {
        var file = OnnxFile.Read("file", TestFile.Bytes("onnx/torch/two-heads.onnx"));

        Assert.Equal([("classes", 5), ("value", 1)], file.Outputs.Select(part => (part.Name, part.Size)));
        Assert.IsType<LstmManifest>(file.Layers![0]);
        Assert.Equal(2, Assert.IsType<ParallelManifest>(file.Layers[^1]).Branches.Count);
    }
}
