using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;
using static Rnn.Api.Tests.OpenInference.Grpc.Infer;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Overload;

/// <summary>A model that has more to do than it can, by whatever protocol it is called.</summary>
public sealed class OverloadTests : IDisposable
{
    const string Austen = "/api/v1/models/austen";
    const string Session = "/api/v1/sessions/s/step";
    const string Step = """{"text":"a"}""";

    readonly RnnApplication _application = new() { Settings = { ["Batching:MaxBatchSize"] = "1" } };
    readonly HttpClient _client;
    readonly RecurrentModel _model;
    int _ticks;

    public OverloadTests()
    {
        _client = _application.CreateClient();
        _model = _application.Engine.Models.Get("austen", version: null);
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _application.Dispose();
    }

    [Theory]
    [InlineData(Austen + "/step", Step, "urn:rnn:problem:overloaded")]
    [InlineData(Austen + "/sequence", """{"text":"abc"}""", "urn:rnn:problem:overloaded")]
    [InlineData(Austen + "/generate", """{"text":"a"}""", "urn:rnn:problem:overloaded")]
    [InlineData(Austen + "/generate", """{"text":"a","stream":true}""", "urn:rnn:problem:overloaded")]
    [InlineData(Austen + "/score", """{"text":"abc"}""", "urn:rnn:problem:overloaded")]
    [InlineData(Austen + "/step/batch", """{"inputs":[{"text":"a"},{"text":"b"}]}""", "urn:rnn:problem:overloaded")]
    [InlineData(Session, Step, "urn:rnn:problem:overloaded")]
    [InlineData("/v2/models/austen/infer", """{"inputs":[{"name":"tokens","shape":[1,1],"datatype":"INT64","data":[1]}]}""", "Batching:MaxQueueTime")]
    [InlineData("/v1/models/austen:predict", """{"instances":["abc"]}""", "Batching:MaxQueueTime")]
    [InlineData("/v1/completions", """{"model":"austen","prompt":"a"}""", "Batching:MaxQueueTime")]
    [InlineData("/v1/completions", """{"model":"austen","prompt":["a","b"],"stream":true}""", "Batching:MaxQueueTime")]
    [InlineData("/v1/embeddings", """{"model":"austen","input":["a","b"]}""", "Batching:MaxQueueTime")]
    public async Task A_call_is_refused_at_once_and_told_to_come_again(string path, string body, string told)
    {
        await PostAsync(_client, "/api/v1/sessions", new { model = "austen", id = "s" }, HttpStatusCode.Created);
        Fill();

        for (var time = 0; time < 2; time++)               // the first when it is begun, the second before it is read
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var reply = await _client.PostAsync(new Uri(path, UriKind.Relative), content, Aborted);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), reply.Headers.RetryAfter?.Delta);
            Assert.Contains(told, await reply.Content.ReadAsStringAsync(Aborted), StringComparison.Ordinal);
        }

        Assert.Contains("error_type=\"overloaded\"", await _client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Aborted), StringComparison.Ordinal);
        Empty();
        using var again = new StringContent(body, Encoding.UTF8, "application/json");
        using var served = await _client.PostAsync(new Uri(path, UriKind.Relative), again, Aborted);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Fact]
    public async Task A_step_that_was_refused_has_not_happened_and_its_key_is_free()
    {
        await PostAsync(_client, "/api/v1/sessions", new { model = "austen", id = "s" }, HttpStatusCode.Created);
        Fill();
        for (var time = 0; time < 2; time++)
        {
            using var refused = await StepAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("true", refused.Headers.GetValues("x-should-retry").Single());
        }

        Assert.Equal(0, (long)(await GetAsync(_client, "/api/v1/sessions/s"))["step"]!);
        Empty();

        using var first = await StepAsync();
        using var second = await StepAsync();

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.True(second.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, (long)(await GetAsync(_client, "/api/v1/sessions/s"))["step"]!);

        async Task<HttpResponseMessage> StepAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Session)
            {
                Content = new StringContent(Step, Encoding.UTF8, "application/json"),
                Headers = { { "Idempotency-Key", "key" } },
            };
            return await _client.SendAsync(request, Aborted);
        }
    }

    [Fact]
    public async Task Lines_are_refused_before_the_first_is_read()
    {
        Fill();
        using var content = new StringContent(Step + "\n", Encoding.UTF8, "application/x-ndjson");

        using var reply = await _client.PostAsync(new Uri(Austen + "/step/batch", UriKind.Relative), content, Aborted);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
    }

    [Fact]
    public async Task Over_gRPC_the_model_is_unavailable_for_a_moment()
    {
        using var channel = _application.OpenChannel();
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Fill();

        var refused = await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(
            new ModelInferRequest { ModelName = "austen", Inputs = { Input("tokens", "UINT8", 1, 1) }, RawInputContents = { ByteString.CopyFrom(1) } },
            cancellationToken: Aborted).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Equal("1000", refused.Trailers.GetValue("grpc-retry-pushback-ms"));
    }

    [Fact]
    public async Task A_socket_tells_it_as_an_answer_and_stays_open()
    {
        await PostAsync(_client, "/api/v1/sessions", new { model = "austen", id = "s" }, HttpStatusCode.Created);
        using var socket = await _application.Server.CreateWebSocketClient().ConnectAsync(new Uri(_application.Server.BaseAddress, "/api/v1/sessions/s/socket"), Aborted);
        await ReadAsync(socket);
        Fill();

        var refused = await AskAsync();
        Empty();
        var served = await AskAsync();

        Assert.Equal("urn:rnn:problem:overloaded", (string)refused["error"]!["type"]!);
        Assert.Equal(1, (long)served["step"]!);

        async Task<JsonNode> AskAsync()
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes("""{"id":1,"step":{"text":"a"}}"""), WebSocketMessageType.Text, endOfMessage: true, Aborted);
            return await ReadAsync(socket);
        }
    }

    [Fact]
    public async Task Other_models_and_what_runs_no_model_are_served_meanwhile()
    {
        await PostAsync(_client, "/api/v1/sessions", new { model = "austen", id = "s" }, HttpStatusCode.Created);
        Fill();
        await PostAsync(_client, Austen + "/step", Step, HttpStatusCode.ServiceUnavailable);

        await PostAsync(_client, "/api/v1/models/names/step", new { text = "T" });
        await GetAsync(_client, "/api/v1/sessions/s");
        await PostAsync(_client, "/api/v1/sessions/s/fork", new { }, HttpStatusCode.Created);
        await PostAsync(_client, "/api/v1/models/none/step", Step, HttpStatusCode.NotFound);
        await PostAsync(_client, "/api/v1/sessions/none/step", Step, HttpStatusCode.NotFound);
    }

    /// <summary>Ticks begin and do not end, as many wait as always may, and for longer than any other may.</summary>
    void Fill()
    {
        var lane = _application.Engine.Lanes.Of(_model);
        for (var job = 0; job < Environment.ProcessorCount; job++)
        {
            _ticks += lane.Enqueue(new BatchJob(new RecurrentState(_model.Layout), new InputSequence(new[] { 1 }), default, Aborted)) ? 1 : 0;
        }

        _application.Time.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>The ticks go on.</summary>
    void Empty()
    {
        for (; _ticks > 0; _ticks--)
        {
            _application.Engine.Lanes.Of(_model).RunTick();
        }
    }

    static async Task<JsonNode> ReadAsync(WebSocket socket)
    {
        var buffer = new byte[16 << 10];
        var received = await socket.ReceiveAsync(buffer, Aborted);
        return JsonNode.Parse(buffer.AsSpan(0, received.Count))!;
    }
}
