using System.Numerics.Tensors;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Models;

public sealed class ModelLoaderTests
{
    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2", "format is 2")]
    [InlineData("\"format\": 1", "\"format\": 1, \"colour\": 3", "colour")]
    [InlineData("\"format\": 1", "\"format\": 1, \"precision\": \"fp8\"", "precision")]
    [InlineData("\"hiddenSize\": 9", "\"hiddenSize\": 8", "lstm.weight_ih_l0")]
    [InlineData("\"hiddenSize\": 9", "\"hiddenSize\": 0", "layers[1].hiddenSize")]
    [InlineData("\"hiddenSize\": 9", "\"hiddenSize\": 2147483647", "layers[1].hiddenSize")]
    [InlineData("\"layers\": 2", "\"layers\": 1", "lstm.weight_ih_l1")]
    [InlineData("\"layers\": 2", "\"layers\": 3", "'lstm.weight_ih_l2' is missing")]
    [InlineData("\"kind\": \"lstm\"", "\"kind\": \"gru\"", "lstm.weight_ih_l0")]
    [InlineData("\"kind\": \"lstm\"", "\"kind\": \"transformer\"", "transformer")]
    [InlineData("\"kind\": \"dense\", \"name\": \"head\", \"size\": 12", "\"kind\": \"dense\", \"name\": \"head\", \"size\": 11", "head.weight")]
    [InlineData("\"kind\": \"next-token\"", "\"kind\": \"classes\", \"labels\": [\"a\", \"b\"]", "2 outputs")]
    [InlineData("\"weights\": \"model.safetensors\"", "\"weights\": \"../model.safetensors\"", "../model.safetensors")]
    [InlineData("\"weights\": \"model.safetensors\"", "\"weights\": \"other.safetensors\"", "other.safetensors")]
    [InlineData("\"start\": \"\\n\"", "\"start\": \"start\"", "input.start")]
    [InlineData("\"f\", \"g\"", "\"f\", \"f\"", "vocabulary[9]")]
    [InlineData("\"text\": \"", "\"values\": [[1]], \"text\": \"", "examples[0]")]
    public void A_manifest_that_does_not_fit_is_refused_with_the_place(string old, string @new, string expected)
    {
        using var folder = new ModelFolder(Golden.FolderOf("characters-embedding-lstm-dense"));
        folder.Edit(old, @new);

        var exception = Assert.Throws<EngineException>(folder.Load);

        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        Assert.StartsWith("Model 'test' version 1: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_whose_numbers_are_not_its_frameworks_never_serves()
    {
        using var folder = new ModelFolder(Golden.FolderOf("lstm"));
        var bytes = File.ReadAllBytes(folder.WeightsPath);
        bytes[^1] ^= 0x80;                                 // the sign of the last weight
        File.WriteAllBytes(folder.WeightsPath, bytes);

        Assert.Contains("examples[0]", Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, double> Rounded()
    {
        var data = new TheoryData<string, string, double>();
        foreach (var name in Golden.Names().Select(row => row.Data))
        {
            data.Add(name, "bf16", 0.02);
            data.Add(name, "int8", 0.08);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Rounded))]
    public void A_precision_below_float32_is_near_it_and_says_how_near(string name, string precision, double nearness)
    {
        using var folder = new ModelFolder(Golden.FolderOf(name));
        folder.Edit("\"format\": 1,", $"\"format\": 1, \"precision\": \"{precision}\",");
        var golden = Golden.Load(name);
        var rounded = folder.Load();
        var (state, roundedState) = (new RecurrentState(golden.Model.Layout), new RecurrentState(rounded.Layout));

        for (var timestep = 0; timestep < Math.Min(50, golden.Inputs.Length); timestep++)
        {
            golden.Model.Step([state], golden.Inputs[timestep]);
            rounded.Step([roundedState], golden.Inputs[timestep]);
        }

        var largest = TensorPrimitives.MaxMagnitude(state.Values);
        foreach (var (expected, actual) in state.Values.ToArray().Zip(roundedState.Values.ToArray()))
        {
            Assert.Equal(expected, actual, nearness * (1 + Math.Abs(largest)));
        }

        // Weights that come in bfloat16 lose nothing by it.
        var losesNothing = (name, precision) == ("lstm-bf16", "bf16");
        Assert.Equal(losesNothing, state.Values.SequenceEqual(roundedState.Values));
        Assert.Equal(losesNothing, rounded.PrecisionError == 0);
        Assert.Null(golden.Model.PrecisionError);
        Assert.Equal(golden.Model.Layout.Fingerprint, rounded.Layout.Fingerprint);
    }

    [Fact]
    public void A_large_vocabulary_needs_an_embedding()
    {
        var vocabulary = string.Join(", ", Enumerable.Range(0, 5000).Select(index => $"\"w{index}\""));
        using var folder = new ModelFolder(
            $$"""
            {
              "format": 1,
              "input": { "kind": "words", "vocabulary": [{{vocabulary}}] },
              "layers": [{ "kind": "elman", "name": "rnn", "hiddenSize": 1, "bias": false }],
              "output": { "kind": "values", "values": [{ "name": "y" }] }
            }
            """,
            ("rnn.weight_ih_l0", [1, 5000], new float[5000]), ("rnn.weight_hh_l0", [1, 1], [0]));

        Assert.Contains("embedding", Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_follows_weights_and_meaning_but_not_prose()
    {
        using var folder = new ModelFolder(Golden.FolderOf("characters-embedding-lstm-dense"));
        var original = folder.Load().Layout.Fingerprint;

        folder.Edit("\"license\": \"MIT\"", "\"license\": \"BSD-3-Clause\"");
        Assert.Equal(original, folder.Load().Layout.Fingerprint);

        folder.Edit("\"start\": \"\\n\"", "\"start\": \"a\"");
        Assert.NotEqual(original, folder.Load().Layout.Fingerprint);
    }

    [Fact]
    public async Task A_named_state_beside_the_weights_is_one_to_begin_with()
    {
        using var folder = new ModelFolder(Golden.FolderOf(TestEngine.Characters));
        var model = folder.Load();
        var state = RecurrentState.Of(model.Layout, 7, [.. Enumerable.Range(0, model.Layout.Size).Select(i => i / 100f)]);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(folder.WeightsPath)!, "calm.state"), StateCodec.Encode(state));
        var test = new TestEngine(models: folder.Load());

        var session = await test.Sessions.CreateAsync(
            test.Engine.Models.Get("test", null), new() { InitialState = "calm" }, TestContext.Current.CancellationToken);
        Assert.Equal((7, "calm"), (session.State.Step, session.InitialState));
        await test.RunAsync(new() { Session = session.Id, Input = new() { Text = "abc" } });
        await test.Sessions.ResetAsync(session.Id, null, TestContext.Current.CancellationToken);

        Assert.Equal(state.Values.ToArray(), await test.StateAsync(session.Id));
    }

    [Fact]
    public void A_named_state_of_another_model_refuses_the_model_and_says_which_it_is()
    {
        using var folder = new ModelFolder(Golden.FolderOf(TestEngine.Characters));
        var other = Golden.Load(TestEngine.Features).Model;
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(folder.WeightsPath)!, "calm.state"), StateCodec.Encode(new RecurrentState(other.Layout)));

        Assert.Contains("calm.state: The state belongs to a model", Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bundled_models_load_and_reproduce_their_examples()
    {
        var catalog = ModelCatalog.Load(Path.Combine(AppContext.BaseDirectory, "models"), new ModelLoader());
        var models = catalog.All.ToList();

        Assert.Empty(catalog.Refused);
        Assert.Equal(["air", "austen", "dates", "monitor", "names", "tags", "temperature"], models.Select(model => model.Name));
        Assert.All(models, model => Assert.NotEmpty(model.Manifest.Examples));
    }
}
