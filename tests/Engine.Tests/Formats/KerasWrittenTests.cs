using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Files in the layouts of all versions of Keras, written by a script, with outputs that it computed in float64.</summary>
public sealed class KerasWrittenTests
{
    const string Folder = "keras/written";

    static readonly List<Written> Cases = TestFile.Json<List<Written>>($"{Folder}/expected.json");

    public static TheoryData<string> Names() => [.. Cases.Select(written => written.File)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_layout_gives_Keras_outputs(string name)
    {
        var written = Cases.Single(written => written.File == name);
        var file = Read(name);

        var outputs = written.Tokens is null ? Reading.Run(file, written.Inputs!) : Reading.Run(file, written.Tokens);

        // A causal network gives an output at every timestep, also if Keras passes on the last only.
        TorchCheckpointTests.AssertClose(written.Outputs, [.. outputs.TakeLast(written.Outputs.Length)], 1e-5);
    }

    [Fact]
    public void Several_outputs_keep_their_names_and_order()
    {
        foreach (var file in new[] { Read("heads-2.h5"), Read("heads-3.keras") })
        {
            Assert.Equal([new OutputPart("mood", 3), new OutputPart("price", 1)], file.Outputs);
            Assert.IsType<ParallelManifest>(file.Layers![^1]);
        }
    }

    static ModelFile Read(string name) => WeightFile.Read(
        name, TestFile.Bytes($"{Folder}/{name}"), sibling => sibling == "config.json" ? TestFile.Bytes($"{Folder}/{sibling}") : default(ReadOnlyMemory<byte>?));

    sealed record Written(string File, float[][]? Inputs, int[]? Tokens, float[][] Outputs);
}
