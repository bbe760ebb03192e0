using System.Text.Json;
using Rnn.Engine.Formats;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Checkpoints that PyTorch wrote, with what it computed.</summary>
public sealed class TorchCheckpointTests
{
    static readonly Recording Recorded = TestFile.Json<Recording>("pytorch/vectors.json");

    public static TheoryData<string> Vectors() => [.. Recorded.Vectors.Select(vector => vector.File)];

    public static TheoryData<string> Forms() => [.. Recorded.Forms.Outputs.Keys];

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Outputs_and_states_are_PyTorchs(string name)
    {
        var vector = Recorded.Vectors.Single(vector => vector.File == name);
        var file = Confirmed(Read($"pytorch/{name}"), vector.Activation);

        var outputs = Reading.Run(file, vector.Inputs, null, out var state);

        AssertClose(vector.Outputs, outputs, 1e-6);
        AssertClose([[.. StateOf(vector)]], [state], 1e-6);
    }

    [Fact]
    public void There_is_a_vector_for_every_combination() => Assert.Equal(5 * 2 * 2 * 2, Recorded.Vectors.Count);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_of_a_file_gives_the_same_tensors(string name)
    {
        var file = Read($"pytorch/{name}");

        Assert.Empty(file.Doubts);
        AssertClose(Recorded.Forms.Outputs[name], Reading.Run(file, Recorded.Forms.Inputs), 1e-6);
    }

    [Fact]
    public void Cells_are_layers()
    {
        foreach (var cell in Recorded.Cells)
        {
            AssertClose(cell.Outputs, Reading.Run(Read($"pytorch/{cell.File}"), cell.Inputs), 1e-6);
        }
    }

    [Fact]
    public void An_embedding_a_batch_norm_and_a_head_are_told_by_their_shapes()
    {
        var file = Read("pytorch/tagger.pt");

        Assert.Empty(file.Doubts);
        Assert.Collection(
            file.Layers!,
            layer => Assert.IsType<EmbeddingManifest>(layer),
            layer => Assert.IsType<LstmManifest>(layer),
            layer => Assert.IsType<AffineManifest>(layer),
            layer => Assert.IsType<DenseManifest>(layer));
        AssertClose(Recorded.Tagger.Outputs, Reading.Run(file, Recorded.Tagger.Tokens), 1e-5);
    }

    [Fact]
    public void A_trained_model_of_payment_risk_gives_its_outputs()
    {
        var recorded = TestFile.Json<JsonElement>("pytorch/upi/io.json");
        var file = Read("pytorch/upi/lstm_model.pt");
        var expected = recorded.GetProperty("outputs")[0].GetProperty("data").Deserialize<float[]>()!;

        var inputs = recorded.GetProperty("inputs")[0].GetProperty("data").Deserialize<float[]>()!.Chunk(5).Chunk(10);

        Assert.Empty(file.Doubts);
        AssertClose([expected], [[.. inputs.Select(sequence => Reading.Run(file, sequence)[^1][0])]], 1e-5);
    }

    [Fact]
    public void A_trained_model_of_wind_power_gives_the_predictions_that_its_authors_published()
    {
        const int Window = 12;
        var recorded = TestFile.Json<WindRecording>("pytorch/wind/io.json");
        var file = Read("pytorch/wind/bilstm_ga_best_noclass.pt");
        Assert.Contains(file.Doubts, doubt => doubt.Contains("between dense layers", StringComparison.Ordinal));
        file = file with
        {
            Layers =
            [
                new LstmManifest { Name = "lstm", HiddenSize = 128, Layers = 3 },
                new LayerNormManifest { Name = "norm" },
                new DenseManifest { Name = "lin1", Size = 128, Activation = new(ActivationKind.Gelu) },
                new DenseManifest { Name = "lin2", Size = 1 },
            ],
        };

        var raw = recorded.Predicted.Select((_, row) => Reading.Run(file, recorded.Features[row..(row + Window)])[^1][0]);

        AssertClose([recorded.Predicted], [[.. raw.Select(value => value * 0.283257669f + 0.291742822f)]], 1e-5);
    }

    [Theory]
    [InlineData("tcr")]
    [InlineData("pep")]
    public void Both_branches_of_a_trained_legacy_model_give_their_outputs(string branch)
    {
        var recorded = TestFile.Json<JsonElement>("pytorch/ergo/io.json").GetProperty("cases").EnumerateArray();
        var file = Read("pytorch/ergo/lstm_mcpas_memory__model.pt");
        Assert.Contains(file.Doubts, doubt => doubt.Contains("No layer uses", StringComparison.Ordinal));
        file = file with
        {
            Layers = [new EmbeddingManifest { Name = $"{branch}_embedding", Size = 10 }, new LstmManifest { Name = $"{branch}_lstm", HiddenSize = 30, Layers = 2 }],
            Tensors = [.. file.Tensors.Where(tensor => tensor.Name.StartsWith(branch, StringComparison.Ordinal))],
        };
        var name = branch == "tcr" ? "tcr" : "peptide";

        foreach (var pair in recorded)
        {
            var outputs = Reading.Run(file, pair.GetProperty($"{name}_ids").Deserialize<int[]>()!);
            AssertClose([pair.GetProperty($"{name}_lstm_last").Deserialize<float[]>()!], [outputs[^1]], 1e-5);
        }
    }

    [Fact]
    public void The_scores_of_the_two_branches_together_are_those_that_PyTorch_gave()
    {
        var recorded = TestFile.Json<JsonElement>("pytorch/ergo/io.json").GetProperty("cases").EnumerateArray();
        var tensors = Read("pytorch/ergo/lstm_mcpas_memory__model.pt").Tensors.ToDictionary(tensor => tensor.Name);
        DenseLayer Dense(string name, Activation activation) => new(
            PackedMatrix.Of(Precision.Float32, tensors[$"{name}.weight"].Shape[0], tensors[$"{name}.weight"].Shape[1], tensors[$"{name}.weight"].Values),
            tensors[$"{name}.bias"].Values, activation);
        var (hidden, output) = (Dense("hidden_layer", new(ActivationKind.LeakyRelu)), Dense("output_layer", Activation.Sigmoid));

        foreach (var pair in recorded)
        {
            float[] both = [.. pair.GetProperty("tcr_lstm_last").Deserialize<float[]>()!, .. pair.GetProperty("peptide_lstm_last").Deserialize<float[]>()!];
            var score = output.Apply(1, hidden.Apply(1, both, new float[hidden.ScratchSize]), new float[output.ScratchSize])[0];
            AssertClose([[pair.GetProperty("score").GetSingle()]], [[score]], 1e-5);
        }
    }

    [Fact]
    public void A_trained_character_model_in_safetensors_gives_its_logits()
    {
        var recorded = TestFile.Json<JsonElement>("safetensors/shakespeare/io.json");
        var file = Read("safetensors/shakespeare/model.safetensors");

        var outputs = Reading.Run(file, recorded.GetProperty("input_ids").Deserialize<int[]>()!);

        Assert.Empty(file.Doubts);
        AssertClose([.. recorded.GetProperty("logits").Deserialize<float[]>()!.Chunk(65)], outputs, 1e-5);
    }

    [Fact]
    public void A_cell_among_other_weights_of_a_voice_detector_gives_its_states()
    {
        var recorded = TestFile.Json<JsonElement>("safetensors/silero/silero_vad_16k.safetensors.io.json");
        var file = Read("safetensors/silero/silero_vad_16k.safetensors");
        Assert.NotEmpty(file.Doubts);
        file = file with
        {
            Layers = [new LstmManifest { Name = "lstm_cell", HiddenSize = 128 }],
            Tensors = [.. file.Tensors.Where(tensor => tensor.Name.StartsWith("lstm_cell", StringComparison.Ordinal))],
        };

        Reading.Run(file, [.. recorded.GetProperty("features").Deserialize<float[]>()!.Chunk(128)], null, out var state);

        var expected = recorded.GetProperty("h_after_last").Deserialize<float[]>()!.Concat(recorded.GetProperty("c_after_last").Deserialize<float[]>()!);
        AssertClose([[.. expected]], [state], 1e-5);
    }

    internal static ModelFile Read(string name) =>
        WeightFile.Read(name, TestFile.Bytes(name), _ => null);

    internal static void AssertClose(float[][] expected, float[][] actual, double tolerance)
    {
        Assert.Equal(expected.Select(row => row.Length), actual.Select(row => row.Length));
        foreach (var ((e, a), index) in expected.SelectMany(row => row).Zip(actual.SelectMany(row => row)).Select((pair, index) => (pair, index)))
        {
            Assert.True(Math.Abs(e - a) <= tolerance * (1 + Math.Abs(e)), $"number {index} is {a}; {e} was recorded");
        }
    }

    /// <summary>The file with the activation that it can't tell.</summary>
    static ModelFile Confirmed(ModelFile file, string? activation)
    {
        if (activation is null)
        {
            Assert.Empty(file.Doubts);
            return file;
        }

        Assert.Contains("tanh or relu", Assert.Single(file.Doubts), StringComparison.Ordinal);
        return file with { Layers = [((ElmanManifest)file.Layers![0]) with { Activation = activation == "relu" ? Activation.Relu : Activation.Tanh }] };
    }

    /// <summary>PyTorch's h_n and c_n, [layers * directions][H], as our state has them: h and c of each layer and direction in turn.</summary>
    static IEnumerable<float> StateOf(Vector vector) =>
        vector.Hidden.SelectMany((hidden, index) => vector.Cell is null ? hidden : hidden.Concat(vector.Cell[index]));

    sealed record Recording(List<Vector> Vectors, Form Forms, List<Vector> Cells, Tagged Tagger);

    sealed record Vector(string File, string? Activation, float[][] Inputs, float[][] Outputs, float[][] Hidden, float[][]? Cell);

    sealed record Form(float[][] Inputs, Dictionary<string, float[][]> Outputs);

    sealed record Tagged(int[] Tokens, float[][] Outputs);

    sealed record WindRecording(float[][] Features, float[] Predicted);
}
