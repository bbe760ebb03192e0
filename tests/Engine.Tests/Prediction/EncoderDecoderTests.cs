using System.Text.Json;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;

namespace Rnn.Engine.Tests.Prediction;

public sealed class EncoderDecoderTests
{
    public static TheoryData<string> Names => ["dot", "general", "additive", "plain"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Greedy_decoding_gives_PyTorchs_text(string name)
    {
        var greedy = JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden.FolderOf(FolderOf(name)), "greedy.json"))).RootElement;
        var (timesteps, run) = await Engine(name).RunAsync(new()
        {
            Model = name,
            Input = new() { Text = greedy.GetProperty("source").GetString() },
            Generation = Greedy(greedy.GetProperty("text").GetString()!.Length),
        });

        Assert.Equal(greedy.GetProperty("text").GetString(), TextOf(timesteps));
        Assert.Equal(FinishReason.Length, run.Finish);
        Assert.Equal(4 + 1 + timesteps.Count, run.State.Step);          // the source, the start, what was generated
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_session_keeps_what_the_encoder_read(string name)
    {
        var engine = Engine(name);
        var (whole, _) = await engine.RunAsync(Request(name, "bead", 12));

        var session = await engine.NewSessionAsync(name);
        var (first, _) = await engine.RunAsync(Request(null, "bead", 5) with { Session = session });
        var carried = StateCodec.Encode(RecurrentState.Of(engine.Engine.Models.Get(name, null).Layout, 10, await engine.StateAsync(session)));
        var (second, _) = await engine.RunAsync(Request(null, null, 7) with { Session = session });
        var (elsewhere, _) = await Engine(name).RunAsync(Request(name, null, 7) with { From = layout => StateCodec.Decode(layout, carried) });

        Assert.Equal(whole, first.Concat(second));
        Assert.Equal(second, elsewhere);
    }

    [Fact]
    public async Task A_new_source_leaves_nothing_of_the_one_before()
    {
        var engine = Engine("additive");
        var session = await engine.NewSessionAsync("additive");
        await engine.RunAsync(Request(null, "abcdefghabc", 3) with { Session = session });
        await engine.RunAsync(Request(null, "ba", 3) with { Session = session });

        var (_, alone) = await engine.RunAsync(Request("additive", "ba", 3));

        Assert.Equal(await engine.StateAsync(session), alone.State.Values);
    }

    [Fact]
    public async Task Who_else_is_decoding_changes_no_bit()
    {
        var engine = Engine("general");
        string[] sources = [.. Enumerable.Range(1, 40).Select(length => string.Concat("abcdefgh abc".Take(1 + length % 12)))];
        var alone = new List<float[]>();
        foreach (var source in sources)
        {
            alone.Add((await engine.RunAsync(Request("general", source, 9))).Run.State.Values.ToArray());
        }

        var together = await Task.WhenAll(sources.Select(source => Task.Run(() => engine.RunAsync(Request("general", source, 9)))));

        Assert.Equal(alone, together.Select(result => result.Run.State.Values.ToArray()));
    }

    [Fact]
    public async Task A_model_tells_what_it_offers_and_how_long_a_source_may_be()
    {
        var engine = Engine("dot");

        Assert.Equal(ErrorKind.NotSupported, (await RefusedAsync(engine, new() { Model = "dot", Input = new() { Text = "a" } })).Kind);
        Assert.Equal(
            ErrorKind.NotSupported, (await RefusedAsync(engine, new() { Model = "dot", Input = new() { Text = "a" }, IsSingleStep = true })).Kind);
        Assert.Contains("reads 12 at most", (await RefusedAsync(engine, Request("dot", "abcabcabcabca", 3))).Message, StringComparison.Ordinal);
        Assert.Contains("needs an input", (await RefusedAsync(engine, Request("dot", null, 3))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dot", "\"maxLength\": 12", "\"maxLength\": 0", "encoder.maxLength is 0")]
    [InlineData("dot", "\"maxLength\": 12", "\"maxLength\": 1000000", "encoder.maxLength is 1000000")]
    [InlineData("dot", "\"start\": \"^\", ", "", "names a start")]
    [InlineData("dot", "\"bridge\": {\"kind\": \"copy\"}", "\"bridge\": {\"kind\": \"dense\", \"name\": \"bridge\"}", "'bridge.weight' is missing")]
    [InlineData("general", "\"bridge\": {\"kind\": \"dense\", \"name\": \"bridge\"}", "\"bridge\": {\"kind\": \"copy\"}", "same kinds and sizes")]
    [InlineData("general", "\"score\": \"general\"", "\"score\": \"dot\"", "takes equal widths")]
    [InlineData("general", "\"score\": \"general\"", "\"score\": \"additive\"", ".size is 0")]
    [InlineData("general", "\"direction\": \"bidirectional\"", "\"direction\": \"bidirectional\", \"returnsLast\": true", "pass on every timestep")]
    [InlineData("additive", "\"source\": \"h\",", "", "must have a source")]
    [InlineData("additive", "\"source\": \"h\"", "\"source\": \"abcabcabcabca\"", "it must have 1 to 12")]
    public void What_does_not_fit_is_named(string name, string old, string @new, string message)
    {
        using var folder = new ModelFolder(Golden.FolderOf(FolderOf(name)));
        folder.Edit(old, @new);

        Assert.Contains(message, Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    static TestEngine Engine(string name) =>
        new(models: new ModelLoader().Load(name, 1, new ModelSource(Golden.FolderOf(FolderOf(name)))));

    static string FolderOf(string name) => $"encoder-decoder-{name}";

    static InferenceRequest Request(string? model, string? source, int length) =>
        new() { Model = model, Input = new() { Text = source }, Generation = Greedy(length) };

    static GenerationOptions Greedy(int length) => new() { MaxLength = length, Sampling = new() { Temperature = 0 } };

    static string TextOf(List<Timestep> timesteps) => string.Concat(timesteps.Select(timestep => ((Generated)timestep.Output).Text));

    static Task<EngineException> RefusedAsync(TestEngine engine, InferenceRequest request) =>
        Assert.ThrowsAsync<EngineException>(() => engine.RunAsync(request));
}
