using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Rnn.Engine;
using Rnn.Engine.Callers;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.OnnxRuntime.Tests;

public sealed class OnnxGraphTests : IDisposable
{
    const string Silero = """{ "width": 512, "context": 64, "states": [{ "input": "state", "output": "stateN" }], "constants": { "sr": [16000] } }""";
    const string Cell = """{ "states": [{ "input": "h_in", "output": "h_out" }, { "input": "c_in", "output": "c_out" }] }""";
    const string Language = """{ "states": [{ "input": "past_state", "output": "present_state" }] }""";

    static readonly JsonElement Expected = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(FileOf("expected.json")));

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_voice_detector_gives_its_recorded_probabilities_step_by_step_in_a_session()
    {
        var engine = EngineOf(Load("silero_vad.onnx", Silero));
        var session = (await engine.Sessions.CreateAsync(engine.Models.Get("graph", null), new(), Aborted)).Id;

        var probabilities = new List<float>();
        foreach (var chunk in Chunks())
        {
            probabilities.Add((await RunAsync(engine, new() { Session = session, IsSingleStep = true, Input = new() { Vector = chunk } })).Single()[0]);
        }

        AssertClose(Probabilities(), probabilities);
        Assert.Equal(300, (await engine.Sessions.GetAsync(session, Aborted)).State.Step);
    }

    [Fact]
    public async Task A_sequence_gives_what_its_steps_give_and_goes_on_from_a_state_that_was_taken_away()
    {
        var model = Load("silero_vad.onnx", Silero);
        var engine = EngineOf(model);
        var chunks = Chunks();
        var first = (await engine.Sessions.CreateAsync(model, new(), Aborted)).Id;
        var second = (await engine.Sessions.CreateAsync(model, new(), Aborted)).Id;

        var begun = await RunAsync(engine, Sequence(first, chunks[..120]));
        var (_, state) = await engine.Sessions.GetStateAsync(first, null, Aborted);
        await engine.Sessions.ReplaceStateAsync(second, layout => StateCodec.Decode(layout, StateCodec.Encode(state)), null, Aborted);

        var forked = await RunAsync(engine, Sequence(second, chunks[120..]));
        var ended = await RunAsync(engine, Sequence(first, chunks[120..]));

        AssertClose(Probabilities(), begun.Concat(ended).Select(output => output[0]));
        Assert.Equal(ended.SelectMany(output => output), forked.SelectMany(output => output));
    }

    [Fact]
    public async Task Sessions_that_run_at_once_each_get_their_own_numbers()
    {
        const int Sessions = 6;
        var model = Load("silero_vad.onnx", Silero);
        var engine = EngineOf(model);
        var chunks = Chunks();

        // Each begins elsewhere in the recording; one of them at its beginning.
        var runs = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(async index =>
        {
            var session = (await engine.Sessions.CreateAsync(model, new(), Aborted)).Id;
            var outputs = new List<float>();
            for (var step = 0; step < 40; step++)
            {
                await Task.Yield();
                outputs.Add((await RunAsync(engine, Sequence(session, [chunks[index * 10 + step]]))).Single()[0]);
            }

            return outputs;
        }));

        AssertClose(Probabilities().Take(40), runs[0]);
        Assert.Equal(Sessions, runs.Select(run => run[^1]).Distinct().Count());
    }

    [Fact]
    public void A_batch_gives_what_its_rows_give_alone()
    {
        var model = Load("cell.onnx", Cell);
        Assert.Equal(int.MaxValue, model.MaxBatchSize);
        var vectors = Expected.GetProperty("x").Deserialize<float[][]>()!;
        var alone = Enumerable.Range(0, 3).Select(_ => new RecurrentState(model.Layout)).ToArray();
        var together = alone.Select(state => state.Copy()).ToArray();
        var outputs = new float[3 * 2];

        for (var t = 0; t + 3 <= vectors.Length; t++)
        {
            for (var row = 0; row < 3; row++)
            {
                model.Step([alone[row]], StepInput.Of(vectors[t + row]));
            }

            model.Run(together, 1, StepInput.Of([.. vectors[t], .. vectors[t + 1], .. vectors[t + 2]]), [0, 1, 2], outputs);
        }

        for (var row = 0; row < 3; row++)
        {
            AssertClose(model.Read(alone[row]), outputs[(2 * row)..(2 * row + 2)]);
            AssertClose(alone[row].Values.ToArray(), together[row].Values.ToArray());
        }
    }

    [Fact]
    public async Task A_cell_with_a_residual_gives_what_PyTorch_gave()
    {
        var engine = EngineOf(Load("cell.onnx", Cell));
        var inputs = Expected.GetProperty("x").Deserialize<double[][]>()!;

        var outputs = await RunAsync(engine, new() { Model = "graph", Readout = Readout.All, Input = new() { Values = inputs } });

        AssertClose(Expected.GetProperty("y").Deserialize<float[][]>()!.SelectMany(row => row), outputs.SelectMany(row => row));
    }

    [Fact]
    public async Task A_language_model_reads_tokens_and_generates()
    {
        var model = Load("language.onnx", Language, "\"input\": { \"kind\": \"tokens\", \"size\": 7 }, ");
        var engine = EngineOf(model);
        var tokens = Expected.GetProperty("tokens").Deserialize<int[]>()!;
        var state = new RecurrentState(model.Layout);
        foreach (var token in tokens)
        {
            model.Step([state], StepInput.Of([token]));
        }

        using var run = await engine.StartAsync(
            new() { Model = "graph", Input = new() { Tokens = tokens }, Generation = new() { MaxLength = 5, Sampling = new() { Temperature = 0 } } }, Aborted);
        var generated = await run.RunAsync(Aborted).ToListAsync(Aborted);

        Assert.Equal(1, model.MaxBatchSize);
        Assert.True(model.Generates);
        AssertClose(Expected.GetProperty("logits").Deserialize<float[][]>()![^1], model.Read(state));
        Assert.Equal(5, generated.Count);
    }

    [Theory]
    [InlineData("silero_vad.onnx", "{}", "\"states\":[{\"input\":\"state\",\"output\":\"stateN\"}],\"constants\":{\"sr\"")]
    [InlineData("cell.onnx", "{}", "{\"states\":[{\"input\":\"h_in\",\"output\":\"h_out\"},{\"input\":\"c_in\",\"output\":\"c_out\"}]}")]
    [InlineData("language.onnx", "{}", "{\"states\":[{\"input\":\"past_state\",\"output\":\"present_state\"}]}")]
    [InlineData("cell.onnx", """{ "states": [{ "input": "h_in", "output": "h_out" }] }""", "which input is meant")]
    [InlineData("cell.onnx", """{ "states": [{ "input": "h", "output": "h_out" }] }""", "no input 'h'")]
    [InlineData("cell.onnx", """{ "states": [{ "input": "h_in", "output": "y" }] }""", "of one shape")]
    [InlineData("silero_vad.onnx", """{ "states": [{ "input": "state", "output": "stateN" }], "constants": { "sr": [16000] } }""", "\"width\"")]
    [InlineData("silero_vad.onnx", """{ "width": 512, "states": [{ "input": "state", "output": "stateN" }], "constants": { "sr": [1, 2] } }""", "2 numbers; 1 are needed")]
    [InlineData("silero_vad.onnx", """{ "width": 512, "input": "input", "states": [{ "input": "state", "output": "stateN" }] }""", "nothing is known of: sr")]
    [InlineData("language.onnx", Language, "the graph takes tokens")]
    public void What_a_graph_does_not_tell_is_asked_for_with_the_line_to_add(string file, string graph, string expected) =>
        Assert.Contains(expected, Assert.Throws<EngineException>(() => Load(file, graph)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_graph_whose_numbers_lie_in_another_file_is_refused()
    {
        byte[] external = [0x0a, 0x08, .. "location"u8, 0x12, 0x0b, .. "/etc/passwd"u8];

        Assert.Contains("another file", Assert.Throws<EngineException>(() => OnnxGraph.Load("file", external, null)).Message, StringComparison.Ordinal);
        byte[] longer = [0x0a, 0x88, 0x80, 0x00, .. "location"u8];
        Assert.Contains("another file", Assert.Throws<EngineException>(() => OnnxGraph.Load("file", longer, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_graph_is_refused_with_a_message()
    {
        var bytes = File.ReadAllBytes(FileOf("cell.onnx"));

        Assert.Contains("ONNX Runtime refuses", Assert.Throws<EngineException>(() => OnnxGraph.Load("file", bytes.AsMemory(0, bytes.Length / 2), null)).Message, StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime refuses", Assert.Throws<EngineException>(() => OnnxGraph.Load("file", "nonsense"u8.ToArray(), null)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    RecurrentModel Load(string file, string graph, string more = "")
    {
        File.Copy(FileOf(file), Path.Combine(_folder.FullName, file));
        File.WriteAllText(Path.Combine(_folder.FullName, "model.json"), $$"""{ "format": 1, "runtime": "onnxruntime", {{more}}"graph": {{graph}} }""");
        return new ModelLoader(OnnxGraph.Load).Load("graph", 1, new ModelSource(_folder.FullName));
    }

    static InferenceEngine EngineOf(RecurrentModel model)
    {
        var (models, options, turns, time) = (new ModelCatalog([model]), new SessionOptions(), new Turns(), new FakeTimeProvider());
        return new(new SessionTable(new MemorySessionStore(options, turns, time), turns, new VisibleModels(models, () => Caller.Anyone), options, time), new(), new());
    }

    static InferenceRequest Sequence(string session, double[][] chunks) =>
        new() { Session = session, Readout = Readout.All, Input = new() { Values = chunks } };

    static async Task<List<float[]>> RunAsync(InferenceEngine engine, InferenceRequest request)
    {
        using var run = await engine.StartAsync(request, Aborted);
        var timesteps = await run.RunAsync(Aborted).ToListAsync(Aborted);
        Assert.True(await run.CommitAsync("", default));
        return [.. timesteps.Select(timestep => ((ValueVector)timestep.Output).Values)];
    }

    static double[][] Chunks()
    {
        const int Header = 44;
        var samples = File.ReadAllBytes(FileOf("speech.wav")).Skip(Header).Chunk(2).Select(pair => BitConverter.ToInt16(pair) / 32768.0);
        return [.. samples.Chunk(512)];
    }

    static float[] Probabilities() =>
        JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(FileOf("silero_vad.json"))).GetProperty("speech_probability_first_300_chunks").Deserialize<float[]>()!;

    static void AssertClose(IEnumerable<float> expected, IEnumerable<float> actual)
    {
        Assert.Equal(expected.Count(), actual.Count());
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, "Files", name);
}
