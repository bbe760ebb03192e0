using System.Net;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Storage;
using Rnn.Client;

namespace Rnn.Api.Tests.ModelLife;

/// <summary>
/// Sessions that keep what they read, on a host whose weights change. The models count: h is the number of timesteps times a step of the
/// weights', so that a state of one is told from that of another.
/// </summary>
public abstract class ReplayedSessionTests(StoreKind kind) : IAsyncLifetime
{
    const string Step = """{ "values": [0] }""";

    readonly LifeApplication _life = new();
    KeptSessions? _kept;

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _kept = await KeptSessions.StartAsync(kind);

    public async ValueTask DisposeAsync()
    {
        _life.Dispose();
        if (_kept is not null)
        {
            await _kept.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_session_is_moved_by_replaying_what_it_has_read()
    {
        _life.Write("m/1", 1);
        _life.Write("m/2", 20);
        using var client = Start();
        var created = await RnnApplication.PostAsync(client, "/api/v1/sessions", """{ "model": "m", "version": 1, "id": "s", "keptInputs": 10, "history": 5 }""", HttpStatusCode.Created);
        Assert.Equal((10, true), ((int)created["keptInputs"]!, (bool)created["replayable"]!));
        Assert.Equal(3, Output(await RnnApplication.PostAsync(client, "/api/v1/sessions/s/sequence", """{ "values": [[5], [6], [7]] }""")));

        var moved = await RnnApplication.PostAsync(client, "/api/v1/sessions/s/move", """{ "version": 2, "by": "replay" }""");

        Assert.Equal((2, 3, 3), ((int)moved["version"]!, (int)moved["step"]!, (int)moved["replayed"]!));
        Assert.Equal(60, await StateAsync(client, "s"));
        Assert.Equal(40, await StateAsync(client, "s", step: 2));
        Assert.Equal(80, Output(await RnnApplication.PostAsync(client, "/api/v1/sessions/s/step", Step)));
        Assert.Equal(81, await MovedAsItIsAsync());

        async Task<double> MovedAsItIsAsync()
        {
            await RnnApplication.PostAsync(client, "/api/v1/sessions/s/move", """{ "version": 1 }""");
            return Output(await RnnApplication.PostAsync(client, "/api/v1/sessions/s/step", Step));
        }
    }

    [Fact]
    public async Task The_client_replays_too()
    {
        _life.Write("m/1", 1);
        _life.Write("m/2", 20);
        using var http = Start();
        var client = new RnnClient(http);
        var session = await client.CreateSessionAsync(new() { Model = "m", Version = 1, KeptInputs = 10 }, Aborted);
        await session.RunAsync(new() { Values = [[5], [6]] }, aborted: Aborted);

        await session.ReplayAsync(aborted: Aborted);

        Assert.Equal((2, 2, 2, true), (session.Info.Version, session.Info.Step, session.Info.Replayed!.Value, session.Info.Replayable!.Value));
        Assert.Equal([60], (await session.StepAsync(new() { Values = [5] }, aborted: Aborted)).Output.Values);
    }

    [Fact]
    public async Task What_keeps_no_inputs_or_not_all_of_them_can_not_be_moved_so_and_stays()
    {
        _life.Write("m/1", 1);
        _life.Write("m/2", 20);
        using var client = Start();
        await RnnApplication.PostAsync(client, "/api/v1/sessions", """{ "model": "m", "version": 1, "id": "none" }""", HttpStatusCode.Created);
        await RnnApplication.PostAsync(client, "/api/v1/sessions", """{ "model": "m", "version": 1, "id": "few", "keptInputs": 2 }""", HttpStatusCode.Created);
        await RnnApplication.PostAsync(client, "/api/v1/sessions/few/sequence", """{ "values": [[5], [6], [7]] }""");

        foreach (var (session, why) in new[] { ("none", "does not keep its inputs"), ("few", "at step 3") })
        {
            var problem = await RnnApplication.PostAsync(client, $"/api/v1/sessions/{session}/move", """{ "version": 2, "by": "replay" }""", HttpStatusCode.UnprocessableEntity);
            Assert.Equal("urn:rnn:problem:state-refused", (string)problem["type"]!);
            Assert.Contains(why, (string)problem["detail"]!, StringComparison.Ordinal);
        }

        var few = await RnnApplication.GetAsync(client, "/api/v1/sessions/few");
        Assert.Equal((1, false, 3), ((int)few["version"]!, (bool)few["replayable"]!, (int)few["notReplayableSince"]!));
        Assert.Null((await RnnApplication.GetAsync(client, "/api/v1/sessions/none"))["replayable"]);
        await RnnApplication.PostAsync(client, "/api/v1/sessions", """{ "model": "m", "keptInputs": -1 }""", HttpStatusCode.BadRequest);
        await RnnApplication.PostAsync(client, "/api/v1/sessions/few/move", """{ "by": "luck" }""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_call_by_any_protocol_replays_first_when_the_weights_have_changed()
    {
        _life.Write("m/1", 1);
        using var client = Start(("Sessions:OnModelChange", "Replay"), ("Sessions:KeptInputs", "100"));
        foreach (var session in new[] { "native", "streamed", "oip", "peeked" })
        {
            await RnnApplication.PostAsync(client, "/api/v1/sessions", $$"""{ "model": "m", "id": "{{session}}" }""", HttpStatusCode.Created);
            await RnnApplication.PostAsync(client, $"/api/v1/sessions/{session}/sequence", """{ "values": [[5], [6], [7]] }""");
        }

        await InferAsync("began", start: true);
        _life.Write("m/1", 10);
        await RnnApplication.SendAsync(client, "POST", "/api/v1/models/m/load");

        var stepped = await RnnApplication.PostAsync(client, "/api/v1/sessions/native/step", Step);
        Assert.Equal((40, 4, 3), (Output(stepped), (int)stepped["step"]!, (int)stepped["replayed"]!));
        Assert.Null((await RnnApplication.PostAsync(client, "/api/v1/sessions/native/step", Step))["replayed"]);
        Assert.Equal(40, Output(await RnnApplication.PostAsync(client, "/api/v1/sessions/peeked/step", """{ "values": [0], "commit": false }""")));
        Assert.Equal(30, await StateAsync(client, "peeked"));
        Assert.Equal(40, (double)(await InferAsync("oip", start: false))["outputs"]![0]!["data"]![0]!);
        Assert.Equal(20, (double)(await InferAsync("began", start: false))["outputs"]![0]!["data"]![0]!);

        async Task<JsonNode> InferAsync(string sequence, bool start) => await RnnApplication.PostAsync(
            client,
            "/v2/models/m/infer",
            $$"""{ "inputs": [{ "name": "input", "shape": [1, 1, 1], "datatype": "FP32", "data": [0] }], "parameters": { "sequence_id": "{{sequence}}", "sequence_start": {{(start ? "true" : "false")}} } }""");
    }

    [Fact]
    public async Task A_stream_replays_first_and_its_last_event_says_so()
    {
        _life.WriteManifest("m/1", Generating);
        _life.WriteWeights("m/1", 1);
        using var client = Start(("Sessions:OnModelChange", "Replay"));
        await RnnApplication.PostAsync(client, "/api/v1/sessions", """{ "model": "m", "id": "s", "keptInputs": 10 }""", HttpStatusCode.Created);
        await RnnApplication.StreamAsync(client, "/api/v1/sessions/s/generate", """{ "values": [[5]], "maxLength": 2, "stream": true }""");
        _life.WriteWeights("m/1", 10);
        await RnnApplication.SendAsync(client, "POST", "/api/v1/models/m/load");

        var events = await RnnApplication.StreamAsync(client, "/api/v1/sessions/s/generate", """{ "maxLength": 2, "stream": true }""");

        Assert.Equal([30, 40], events.SkipLast(1).Select(told => (int)told["values"]![0]!));
        Assert.Equal((5, 3), ((int)events[^1]["step"]!, (int)events[^1]["replayed"]!));
        Assert.Equal(50, await StateAsync(client, "s"));
    }

    [Fact]
    public async Task Without_being_told_to_replay_a_session_waits_for_its_weights()
    {
        _life.Write("m/1", 1);
        using var client = Start();
        await RnnApplication.PostAsync(client, "/api/v1/sessions", """{ "model": "m", "id": "s", "keptInputs": 10 }""", HttpStatusCode.Created);
        await RnnApplication.PostAsync(client, "/api/v1/sessions/s/step", Step);
        _life.Write("m/1", 10);
        await RnnApplication.SendAsync(client, "POST", "/api/v1/models/m/load");

        var problem = await RnnApplication.PostAsync(client, "/api/v1/sessions/s/step", Step, HttpStatusCode.Conflict);
        Assert.Equal("urn:rnn:problem:model-changed", (string)problem["type"]!);
        var moved = await RnnApplication.PostAsync(client, "/api/v1/sessions/s/move", """{ "version": 1, "by": "replay" }""");
        Assert.Equal(1, (int)moved["replayed"]!);
        Assert.Equal(20, Output(await RnnApplication.PostAsync(client, "/api/v1/sessions/s/step", Step)));
    }

    const string Generating = """
        {
          "format": 1,
          "input": { "kind": "features", "features": [{ "name": "x" }] },
          "layers": [{ "kind": "elman", "name": "layer", "hiddenSize": 1, "activation": "relu" }],
          "output": { "kind": "values", "values": [{ "name": "x" }] }
        }
        """;

    HttpClient Start(params (string Key, string Value)[] settings) =>
        _life.Start([("Models:Control", "Explicit"), .. _kept!.Settings.Select(setting => (setting.Key, setting.Value)), .. settings]);

    static double Output(JsonNode reply) => (double)reply["output"]!["values"]![0]!;

    static async Task<double> StateAsync(HttpClient client, string session, long? step = null) =>
        (double)(await RnnApplication.GetAsync(client, $"/api/v1/sessions/{session}/state{(step is null ? "" : $"?step={step}")}"))["layers"]![0]!["hidden"]![0]!;
}

public sealed class ReplayedSessionInMemoryTests() : ReplayedSessionTests(StoreKind.Memory);

public sealed class ReplayedSessionInSqliteTests() : ReplayedSessionTests(StoreKind.Sqlite);

public sealed class ReplayedSessionInRedisTests() : ReplayedSessionTests(StoreKind.Redis);
