using System.Globalization;
using System.Text.Json;
using Rnn.Engine.Formats;
using Rnn.Engine.Formats.Hdf5;
using Rnn.Engine.Formats.Keras;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Tests.Formats;

/// <summary>Models that Keras and TF.js wrote, with their outputs.</summary>
public sealed class KerasFileTests
{
    static readonly JsonElement Models = TestFile.Json<JsonElement>("keras/dl4j-tfkeras/io.json").GetProperty("models");

    static readonly JsonElement Layers = TestFile.Json<JsonElement>("keras/keras-js/cases.json").GetProperty("cases");

    public static TheoryData<string> ModelNames() => [.. Models.EnumerateObject().Select(model => model.Name)];

    public static TheoryData<string> LayerNames() => [.. Layers.EnumerateArray().Select(layer => layer.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(ModelNames))]
    public void A_hundred_models_of_Keras_2_give_their_outputs(string name)
    {
        var recorded = Models.GetProperty(name);
        var file = TorchCheckpointTests.Read($"keras/dl4j-tfkeras/{name}");

        ExpectOutputs(
            file, Shape(recorded, "input_shape"), Floats(recorded, "input"), Shape(recorded, "output_shape"), Floats(recorded, "output"), 1e-5);
    }

    [Theory]
    [InlineData("keras/har-lstm/lstm_model.keras", 1e-5)]
    [InlineData("keras/qqq-lstm/lstm_model.keras", 1e-5)]
    [InlineData("keras/transformer-energy-lstm/lstm_model.keras", 1e-5)]
    [InlineData("keras/earthpulse-h5/lstm_model.h5", 1e-5)]
    [InlineData("keras/dl4j-masking/masking_zero_lstm.h5", 1e-5)]
    [InlineData("keras/toxic-simplernn/rnn_model.keras", 1e-5)]
    [InlineData("keras/toxic-gru/gru_model.keras", 1e-5)]
    public void Trained_models_give_their_outputs(string name, double tolerance)
    {
        var recorded = TestFile.Json<JsonElement>(
            name.Contains("masking", StringComparison.Ordinal) ? "keras/dl4j-masking/masking_zero_lstm.io.json" : $"{Path.GetDirectoryName(name)}/io.json");
        var (input, output) = (recorded.GetProperty("inputs")[0], recorded.GetProperty("outputs")[0]);

        var file = TorchCheckpointTests.Read(name);

        ExpectOutputs(file, Shape(input, "shape"), Floats(input, "data"), Shape(output, "shape"), Floats(output, "data"), tolerance);
    }

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void Layers_give_Keras_outputs_from_their_weights(string id)
    {
        var layer = Layers.EnumerateArray().Single(layer => layer.GetProperty("id").GetString() == id);
        var arrays = layer.GetProperty("weights").EnumerateArray()
            .Select(array => new KerasArray([.. Shape(array, "shape").Select(size => (long)size)], Floats(array, "data"))).ToArray();
        var model = JsonSerializer.SerializeToElement(new
        {
            class_name = "Sequential",
            config = new[] { new { class_name = layer.GetProperty("class_name").GetString(), config = layer.GetProperty("attrs") } },
        });
        var file = KerasFile.ModelOf("test", KerasGraph.Read("test", model, version: 2), _ => arrays);
        var input = Floats(layer.GetProperty("input"), "data").Chunk(Shape(layer.GetProperty("input"), "shape")[1]).ToArray();
        if (file.Layers is [DenseManifest])                // which alone is no recurrent network
        {
            ExpectDense(file, input, Floats(layer.GetProperty("expected"), "data"));
            return;
        }

        var outputs = Reading.Run(file, input, null, out var state);
        if (layer.GetProperty("predict_calls").GetInt32() == 2)
        {
            outputs = Reading.Run(file, input, state, out _);                         // stateful: the second call goes on
        }

        var expected = Floats(layer.GetProperty("expected"), "data");
        TorchCheckpointTests.AssertClose([expected], [[.. outputs.SelectMany(row => row).TakeLast(expected.Length)]], 1e-5);
    }

    [Fact]
    public void A_trained_SimpleRNN_gives_Keras_predictions_whole_and_from_weights_with_an_architecture_beside_them()
    {
        const string Folder = "keras/dl4j-simple-rnn/simple_rnn_tf_keras_2";
        var recorded = Hdf5File.Read("recorded", TestFile.Bytes($"{Folder}_inputs_and_outputs.h5")).Root;
        var inputs = recorded.Group("inputs")!.Dataset("simple_rnn_1_input")!.ReadFloats();
        var expected = recorded.Group("predictions")!.Dataset("dense_1")!.ReadFloats();

        foreach (var name in new[] { "model", "weights" })
        {
            var file = WeightFile.Read(
                $"simple_rnn_tf_keras_2_{name}.h5", TestFile.Bytes($"{Folder}_{name}.h5"),
                ReadOnlyMemory<byte>? (sibling) => sibling == "simple_rnn_tf_keras_2_config.json" ? TestFile.Bytes($"keras/dl4j-simple-rnn/{sibling}") : default(ReadOnlyMemory<byte>?));
            ExpectOutputs(file, [25, 1, 1], inputs, [25, 1], expected, 1e-5);
        }
    }

    [Theory]
    [InlineData("keras/dl4j-functional-lstm/lstm_functional_tf_keras_2.h5", "lstm dense")]
    [InlineData("keras/dl4j-weights/lstm_tensorflow_2.h5", "lstm")]
    [InlineData("keras/dl4j-weights/simple_rnn_tensorflow_2.h5", "elman")]
    [InlineData("keras/dl4j-weights/embedding_lstm_tensorflow_2.h5", "embedding lstm")]
    [InlineData("keras/dl4j-weights/bidirectional_lstm_tensorflow_2.h5", "lstm")]
    [InlineData("keras/dl4j-weights/bidirectional_lstm_no_return_sequences_tensorflow_2.h5", "lstm")]
    public void Models_without_recorded_outputs_give_their_layers(string name, string kinds)
    {
        var file = TorchCheckpointTests.Read(name);

        Assert.Equal(kinds, string.Join(' ', file.Layers!.Select(layer => layer switch
        {
            EmbeddingManifest => "embedding",
            LstmManifest => "lstm",
            ElmanManifest => "elman",
            _ => "dense",
        })));
        if (file.Layers![^1] is LstmManifest { Direction: Direction.Bidirectional } lstm)
        {
            Assert.Equal(name.Contains("no_return", StringComparison.Ordinal), lstm.ReturnsLast);
        }
    }

    [Theory]
    [InlineData("tfjs/nietzsche", "model.json")]
    [InlineData("tfjs/alice", "AiW-20.json")]
    public void TF_js_character_models_give_their_probabilities(string folder, string name)
    {
        var recorded = TestFile.Json<JsonElement>($"{folder}/io.json");
        var vocabulary = recorded.GetProperty("vocab_size").GetInt32();

        var file = WeightFile.Read(name, TestFile.Bytes($"{folder}/{name}"), sibling => TestFile.Bytes($"{folder}/{sibling}"));

        foreach (var seed in recorded.GetProperty("cases").EnumerateArray())
        {
            var outputs = Reading.Run(file, seed.GetProperty("input_ids").Deserialize<int[]>()!, vocabulary);
            TorchCheckpointTests.AssertClose([Floats(seed, "probabilities")], [outputs[^1]], 1e-5);
        }
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void RTNeural_models_give_their_series(string name)
    {
        var layers = TestFile.Json<JsonElement>($"rtneural/{name}.json").GetProperty("layers").EnumerateArray().ToList();
        var arrays = layers.Select((layer, index) => ($"layer{index}", layer.GetProperty("weights").EnumerateArray().Select(Array).ToArray())).ToDictionary();
        var model = JsonSerializer.SerializeToElement(new
        {
            class_name = "Sequential",
            config = layers.Select((layer, index) => new
            {
                class_name = layer.GetProperty("type").GetString() switch { "lstm" => "LSTM", "gru" => "GRU", _ => "Dense" },
                config = new
                {
                    name = $"layer{index}",
                    units = layer.GetProperty("shape")[2].GetInt32(),
                    activation = layer.GetProperty("activation").GetString() is { Length: > 0 } activation ? activation : "linear",
                    recurrent_activation = "sigmoid",
                    return_sequences = true,
                },
            }),
        });

        var file = KerasFile.ModelOf("test", KerasGraph.Read("test", model, version: 2), layer => arrays[layer.Name]);

        TorchCheckpointTests.AssertClose(Series($"{name}_y"), Reading.Run(file, Series($"{name}_x")), 1e-5);
    }

    static float[][] Series(string name) =>
        [.. File.ReadLines(TestFile.PathOf($"rtneural/{name}.csv")).Select(float[] (line) => [float.Parse(line, CultureInfo.InvariantCulture)])];

    /// <summary>A vector or a matrix of nested lists.</summary>
    static KerasArray Array(JsonElement values) => values[0].ValueKind == JsonValueKind.Array
        ? new([values.GetArrayLength(), values[0].GetArrayLength()], [.. values.EnumerateArray().SelectMany(row => row.Deserialize<float[]>()!)])
        : new([values.GetArrayLength()], values.Deserialize<float[]>()!);

    /// <summary>Runs each row of a batch alone, and compares all of its outputs, or the last.</summary>
    static void ExpectOutputs(ModelFile file, int[] inputShape, float[] inputs, int[] outputShape, float[] expected, double tolerance)
    {
        Assert.Empty(file.Doubts);
        var rows = inputs.Chunk(inputs.Length / inputShape[0]).Zip(expected.Chunk(expected.Length / outputShape[0]));
        foreach (var (input, output) in rows)
        {
            var actual = file.Layers!.Any(layer => layer is EmbeddingManifest)
                ? Reading.Run(file, [.. input.Select(token => (int)token)])
                : Reading.Run(file, [.. input.Chunk(inputShape[2])]);
            TorchCheckpointTests.AssertClose([output], [[.. actual.SelectMany(row => row).TakeLast(output.Length)]], tolerance);
        }
    }

    static void ExpectDense(ModelFile file, float[][] inputs, float[] expected)
    {
        var (weights, bias) = (file.Tensors[0], file.Tensors[1].Values);
        var actual = inputs.SelectMany(x => bias.Select((b, row) => b + x.Select((value, column) => value * weights.Values[row * x.Length + column]).Sum()));
        TorchCheckpointTests.AssertClose([expected], [[.. actual]], 1e-5);
    }

    static int[] Shape(JsonElement element, string name) => element.GetProperty(name).Deserialize<int[]>()!;

    static float[] Floats(JsonElement element, string name) => element.GetProperty(name).Deserialize<float[]>()!;
}
