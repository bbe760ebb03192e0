using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;

namespace Rnn.Engine.Tests.Models;

/// <summary>Networks that are more than a stack of forward layers.</summary>
public sealed class NetworkBuilderTests
{
    const int Inputs = 2;
    const int Hidden = 3;

    [Fact]
    public async Task A_bidirectional_model_reads_whole_sequences_and_refuses_the_rest_with_the_reason()
    {
        using var folder = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional" }]""", Rnn(3), Rnn(3, "_reverse"));
        var engine = new TestEngine(models: folder.Load());

        var (timesteps, _) = await engine.RunAsync(Request(5) with { Readout = Readout.All });
        var step = await RefusedAsync(engine, Request(1) with { IsSingleStep = true });
        var state = await RefusedAsync(engine, Request(5) with { ReturnsState = true });
        var session = await Assert.ThrowsAsync<EngineException>(() => engine.NewSessionAsync("test"));

        Assert.Equal([1, 2, 3, 4, 5], timesteps.Select(timestep => timestep.Step));
        Assert.All([step, state, session], refusal => Assert.Equal(ErrorKind.NotSupported, refusal.Kind));
        Assert.Contains("from its end", step.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_of_a_bidirectional_layer_is_that_of_both_directions_alone()
    {
        var (forward, backward) = (Rnn(3), Rnn(3, "_reverse"));
        using var both = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional" }]""", forward, backward);
        using var one = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", forward);
        using var other = Folder(
            """[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "backward" }]""",
            [.. backward.Select(tensor => (tensor.Name.Replace("_reverse", "", StringComparison.Ordinal), tensor.Shape, tensor.Values))]);

        var merged = await OutputsAsync(both.Load());
        var first = await OutputsAsync(one.Load());
        var second = await OutputsAsync(other.Load());

        Assert.Equal(first.Zip(second, (a, b) => a.Concat(b)), merged);
    }

    [Theory]
    [InlineData("sum")]
    [InlineData("multiply")]
    [InlineData("average")]
    public async Task Directions_merge(string merge)
    {
        using var concat = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional" }]""", Rnn(3), Rnn(3, "_reverse"));
        using var merged = Folder($$"""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional", "merge": "{{merge}}" }]""", Rnn(3), Rnn(3, "_reverse"));

        var expected = (await OutputsAsync(concat.Load())).Select(row => row.Take(Hidden).Zip(row.Skip(Hidden), (a, b) => merge switch
        {
            "sum" => a + b,
            "multiply" => a * b,
            _ => (a + b) / 2,
        }));

        Assert.Equal(expected, await OutputsAsync(merged.Load()));
    }

    [Fact]
    public async Task The_last_output_of_a_backward_direction_is_the_one_after_the_first_timestep()
    {
        using var all = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional" }]""", Rnn(3), Rnn(3, "_reverse"));
        using var returns = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional", "returnsLast": true }]""", Rnn(3), Rnn(3, "_reverse"));
        using var last = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional" }, { "kind": "last" }]""", Rnn(3), Rnn(3, "_reverse"));
        var outputs = await OutputsAsync(all.Load());

        var engine = new TestEngine(models: returns.Load());
        var returned = Values((await engine.RunAsync(Request(4))).Timesteps).Single();
        var refusal = await RefusedAsync(engine, Request(4) with { Readout = Readout.All });

        Assert.Equal([.. outputs[^1].Take(Hidden), .. outputs[0].Skip(Hidden)], returned);
        Assert.Equal(outputs[^1], Values((await new TestEngine(models: last.Load()).RunAsync(Request(4))).Timesteps).Single());
        Assert.Equal("/return", refusal.Pointer);
    }

    [Fact]
    public void Branches_that_double_the_width_without_a_weight_end()
    {
        var doubling = string.Concat(Enumerable.Repeat("""{ "kind": "parallel", "branches": [[], []] }, """, 40));
        using var folder = Folder($$"""[{{doubling}} { "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", Rnn(3));

        Assert.Contains("wider than", Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_softmax_before_the_last_timestep_is_picked_is_the_probabilities()
    {
        using var folder = Folder(
            """[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional", "merge": "sum" }, { "kind": "activation", "activation": "softmax" }, { "kind": "last" }]""",
            Rnn(3), Rnn(3, "_reverse"));
        var model = folder.Load();
        float[] raw = [0.7f, 0.2f, 0.1f];

        Assert.Equal(raw, ((Distribution)Assert.IsType<ClassHead>(model.Output).Decode(raw, 3)).Candidates.Select(candidate => candidate.Probability));
    }

    [Fact]
    public void An_example_longer_than_can_be_run_at_once_is_refused()
    {
        using var folder = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "direction": "bidirectional" }]""", Rnn(3), Rnn(3, "_reverse"));
        var timesteps = folder.Load().MaxTimestepsAtOnce + 1;
        var values = string.Concat(Enumerable.Repeat("[0,0],", timesteps));
        folder.Edit("\"layers\"", $$"""
            "examples": [{ "values": [{{values}}], "output": [0, 0, 0, 0, 0, 0] }],
            "layers"
            """);

        Assert.Contains("can be run at once", Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forward_model_that_passes_on_the_last_output_keeps_its_sessions()
    {
        using var plain = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", Rnn(3));
        using var last = Folder("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "returnsLast": true }]""", Rnn(3));

        Assert.True(last.Load().IsCausal);
        Assert.Equal(await OutputsAsync(plain.Load()), await OutputsAsync(last.Load()));
    }

    [Fact]
    public void Parallel_recurrent_layers_give_the_same_bits_alone_in_a_batch_and_in_any_chunks()
    {
        using var folder = Folder(
            """
            [{ "kind": "parallel", "branches": [
                [{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }, { "kind": "activation", "activation": "relu" }],
                [{ "kind": "lstm", "name": "lstm", "hiddenSize": 3, "recurrentActivation": "hard-sigmoid" }] ] },
             { "kind": "layer-norm", "name": "norm" },
             { "kind": "dense", "name": "head", "size": 2, "bias": false }]
            """,
            Rnn(3), [.. Rnn(4).Select(tensor => (tensor.Name.Replace("rnn", "lstm", StringComparison.Ordinal), tensor.Shape, tensor.Values))],
            [Of("norm.weight", 6), Of("norm.bias", 6), Of("head.weight", 2, 6)]);
        var model = folder.Load();
        var inputs = model.Input.Encode(new ModelInput { Values = Request(6).Input.Values });
        var states = Enumerable.Range(0, 3).Select(_ => new RecurrentState(model.Layout)).ToArray();
        var whole = new RecurrentState(model.Layout);
        var (outputs, steps) = (new float[6 * 2], new List<float>());

        model.Run([whole], 6, inputs.At(0, 6), [0, 1, 2, 3, 4, 5], outputs);
        for (var timestep = 0; timestep < 6; timestep++)
        {
            var vector = inputs[timestep].Vectors;
            model.Step(states, StepInput.Of([.. vector, .. vector, .. vector]));
            steps.AddRange(model.Read(states[1]));
        }

        Assert.Equal(outputs, steps);
        Assert.All(states, state => Assert.Equal(whole.Values, state.Values));
        Assert.Equal(["rnn.0", "lstm.0", "lstm.0"], model.Layout.Parts.Select(part => part.Layer));
    }

    [Fact]
    public async Task Several_heads_are_told_by_name_and_kind()
    {
        using var folder = Folder(
            """
            [{ "kind": "gru", "name": "rnn", "hiddenSize": 3 },
             { "kind": "parallel", "branches": [
                [{ "kind": "dense", "name": "price", "size": 1, "bias": false }],
                [{ "kind": "dense", "name": "mood", "size": 2, "bias": false, "activation": "softmax" }] ] }]
            """,
            Rnn(3), [Of("price.weight", 1, 3), Of("mood.weight", 2, 3)]);
        folder.Edit("\"layers\"", """
            "output": { "kind": "heads", "heads": [
                { "name": "price", "output": { "kind": "values", "values": [{ "name": "price" }] } },
                { "name": "mood", "output": { "kind": "classes", "labels": ["calm", "wild"] } }] },
            "layers"
            """);

        var (timesteps, _) = await new TestEngine(models: folder.Load()).RunAsync(Request(2) with { Top = 2 });

        var outputs = Assert.IsType<NamedOutputs>(timesteps.Single().Output).Outputs;
        Assert.Equal(["price", "mood"], outputs.Select(output => output.Key));
        Assert.Single(Assert.IsType<ValueVector>(outputs[0].Value).Values);
        Assert.Equal(1, Assert.IsType<Distribution>(outputs[1].Value).Candidates.Sum(candidate => candidate.Probability), 1e-6);
    }

    [Fact]
    public async Task A_masked_timestep_leaves_the_state_and_repeats_the_output()
    {
        using var folder = Folder("""[{ "kind": "masking", "value": 9 }, { "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", Rnn(3));
        var engine = new TestEngine(models: folder.Load());
        var kept = Request(3).Input.Values!;
        double[] masked = [9, 9];

        var plain = Values((await engine.RunAsync(Request(3) with { Readout = Readout.All })).Timesteps);
        var (timesteps, run) = await engine.RunAsync(Request(0) with
        {
            Readout = Readout.All,
            Input = new() { Values = [masked, kept[0], masked, masked, kept[1], [9, 8.5], kept[2], masked] },
        });

        var outputs = Values(timesteps);
        Assert.Equal(new float[Hidden], outputs[0]);
        Assert.All([1, 2, 3], index => Assert.Equal(plain[0], outputs[index]));
        Assert.Equal(plain[1], outputs[4]);
        Assert.NotEqual(outputs[4], outputs[5]);
        Assert.Equal(outputs[6], outputs[7]);
        Assert.Equal(8, run.State.Step);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task A_sequence_that_is_masked_as_a_whole_leaves_the_state_it_began_with(int timesteps)
    {
        using var folder = Folder("""[{ "kind": "masking", "value": 9 }, { "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", Rnn(3));
        var engine = new TestEngine(models: folder.Load());
        double[][] masked = [.. Enumerable.Range(0, timesteps).Select(double[] (_) => [9, 9])];

        foreach (var readout in new[] { Readout.All, Readout.Last })
        {
            var (told, run) = await engine.RunAsync(new() { Model = "test", Readout = readout, Input = new() { Values = masked } });

            Assert.Equal(readout == Readout.All ? timesteps : 1, told.Count);
            Assert.All(Values(told), output => Assert.Equal(new float[Hidden], output));
            Assert.Equal(timesteps, run.State.Step);
        }
    }

    [Fact]
    public async Task A_session_of_a_masked_model_steps_over_what_is_masked()
    {
        using var folder = Folder("""[{ "kind": "masking" }, { "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", Rnn(3));
        var engine = new TestEngine(models: folder.Load());
        var session = await engine.NewSessionAsync("test");
        InferenceRequest Step(double x) => new() { Session = session, IsSingleStep = true, Input = new() { Vector = [x, 0] } };

        var first = Values((await engine.RunAsync(Step(1))).Timesteps).Single();
        var second = Values((await engine.RunAsync(Step(0))).Timesteps).Single();

        Assert.Equal(first, second);
        Assert.Equal(2, await engine.StepAsync(session));
    }

    [Fact]
    public void The_state_before_the_first_timestep_can_be_part_of_the_model()
    {
        using var folder = Folder(
            """[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "initialState": true }]""", Rnn(3), [("rnn.h0_l0", [3], [0.5f, -0.5f, 0.25f])]);
        var model = folder.Load();

        Assert.Equal([0.5f, -0.5f, 0.25f], new RecurrentState(model.Layout).Values);
        Assert.Equal([0.5f, -0.5f, 0.25f], model.Read(new RecurrentState(model.Layout)));
    }

    [Theory]
    [InlineData("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }, { "kind": "last" }, { "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", "layers[2]")]
    [InlineData("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }, { "kind": "masking" }]""", "layers[1]")]
    [InlineData("""[{ "kind": "embedding", "name": "e", "size": 3 }]""", "'e.weight'")]
    [InlineData("""[{ "kind": "parallel", "branches": [[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }]] }]""", "two or more")]
    [InlineData("""[{ "kind": "parallel", "branches": [[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }], []] }]""", "all must")]
    [InlineData("""[{ "kind": "parallel", "merge": "sum", "branches": [[], [{ "kind": "dense", "name": "d", "size": 3, "bias": false }]] }]""", "widths 2, 3")]
    [InlineData("""[{ "kind": "masking" }, { "kind": "masking", "value": 1 }, { "kind": "gru", "name": "rnn", "hiddenSize": 3 }]""", "layers[1] is a masking")]
    [InlineData("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3 }, { "kind": "layer-norm", "name": "n", "epsilon": -1 }]""", "layers[1].epsilon")]
    [InlineData("""[{ "kind": "lstm", "name": "rnn", "hiddenSize": 3, "projectionSize": 4 }]""", "projectionSize")]
    [InlineData("""[{ "kind": "lstm", "name": "rnn", "hiddenSize": 3, "clip": -1 }]""", "clip")]
    [InlineData("""[{ "kind": "gru", "name": "rnn", "hiddenSize": 3, "activation": "tan" }]""", "$.layers[0].activation")]
    [InlineData("""[{ "kind": "dense", "name": "d", "size": 3, "bias": false }]""", "no recurrent layer")]
    public void Layers_that_can_not_be_built_are_refused_with_the_place(string layers, string expected)
    {
        using var folder = Folder(layers, Rnn(3), [Of("d.weight", 3, 2)]);

        Assert.Contains(expected, Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    static ModelFolder Folder(string layers, params (string Name, int[] Shape, float[] Values)[][] tensors) => new(
        $$"""
        {
          "format": 1,
          "layers": {{layers}}
        }
        """,
        [.. tensors.SelectMany(group => group)]);

    /// <summary>The tensors of a recurrent layer with G gates, different for each direction.</summary>
    static (string Name, int[] Shape, float[] Values)[] Rnn(int gates, string suffix = "") =>
    [
        Of($"rnn.weight_ih_l0{suffix}", gates * Hidden, Inputs), Of($"rnn.weight_hh_l0{suffix}", gates * Hidden, Hidden),
        Of($"rnn.bias_ih_l0{suffix}", gates * Hidden), Of($"rnn.bias_hh_l0{suffix}", gates * Hidden),
    ];

    static (string Name, int[] Shape, float[] Values) Of(string name, params int[] shape)
    {
        var random = new Random(name.Sum(character => character * 7));
        return (name, shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)]);
    }

    static InferenceRequest Request(int timesteps) => new()
    {
        Model = "test",
        Input = new() { Values = [.. Enumerable.Range(1, timesteps).Select(double[] (t) => [Math.Sin(t), Math.Cos(2 * t)])] },
    };

    static async Task<List<float[]>> OutputsAsync(RecurrentModel model) =>
        Values((await new TestEngine(models: model).RunAsync(Request(4) with { Readout = Readout.All })).Timesteps);

    static List<float[]> Values(List<Timestep> timesteps) => [.. timesteps.Select(timestep => ((ValueVector)timestep.Output).Values)];

    static Task<EngineException> RefusedAsync(TestEngine engine, InferenceRequest request) =>
        Assert.ThrowsAsync<EngineException>(() => engine.RunAsync(request));
}
