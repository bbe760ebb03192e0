using System.Text.Json;
using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Tests.Formats;

/// <summary>
/// Small models in the layouts of Keras 1 to 3, and the outputs that Keras's equations give in float64; written by
/// <c>training/export_keras_layouts.py</c>.
/// </summary>
public sealed class KerasLayoutTests
{
    const string Folder = "keras/layouts";

    static readonly JsonElement[] Cases = TestFile.Json<JsonElement[]>($"{Folder}/expected.json");

    public static TheoryData<string> Names() => [.. Cases.Select(NameOf)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layout_of_Keras_gives_the_outputs_of_Keras_equations(string name)
    {
        var recorded = Cases.Single(candidate => NameOf(candidate) == name);
        var expected = recorded.GetProperty("outputs").Deserialize<float[][]>()!;
        var inputs = recorded.GetProperty("inputs");

        var file = WeightFile.Read(name, TestFile.Bytes($"{Folder}/{name}"), Beside);
        var actual = inputs[0].ValueKind == JsonValueKind.Number
            ? Reading.Run(file, inputs.Deserialize<int[]>()!)
            : Reading.Run(file, inputs.Deserialize<float[][]>()!);

        Assert.Empty(file.Doubts);
        Assert.Equal(
            recorded.GetProperty("heads").EnumerateArray().Select(head => new OutputPart(head[0].GetString()!, head[1].GetInt32())),
            file.Outputs);

        // A causal network gives every timestep even if only the last is wanted; skipped timesteps are not in the outputs.
        var onlyLast = expected.Length == 1 || recorded.GetProperty("masked").GetBoolean();
        TorchCheckpointTests.AssertClose(onlyLast ? [expected[^1]] : expected, onlyLast ? [actual[^1]] : actual, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_read_passes_on_what_Keras_passes_on(string name)
    {
        var recorded = Cases.Single(candidate => NameOf(candidate) == name);

        var file = WeightFile.Read(name, TestFile.Bytes($"{Folder}/{name}"), Beside);

        Assert.Equal(recorded.GetProperty("outputs").GetArrayLength() == 1, file.Layers!.Any(layer => layer is RecurrentManifest { ReturnsLast: true }));
    }

    static string NameOf(JsonElement recorded) => recorded.GetProperty("file").GetString()!;

    static ReadOnlyMemory<byte>? Beside(string name) =>
        File.Exists(TestFile.PathOf($"{Folder}/{name}")) ? TestFile.Bytes($"{Folder}/{name}") : default(ReadOnlyMemory<byte>?);
}
