using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Api.Rest;
using Rnn.Api.Tests.Faults;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Streaming;

public sealed class LineBatchTests : IDisposable
{
    readonly RnnApplication _application = new() { Settings = { ["Server:MaxBodyBytes"] = "2048", ["Batching:MaxBatchSize"] = "8" } };
    readonly HttpClient _client;

    public LineBatchTests() => _client = _application.StartOnSocket();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task Two_thousand_ragged_lines_are_each_answered_as_alone_beyond_the_limit_of_a_body()
    {
        var texts = Enumerable.Range(0, 2_000).Select(number => new string((char)('a' + number % 26), 1 + number * 7 % 50)).ToArray();

        var lines = await AnswersAsync("sequence", texts.Select((text, number) => $$"""{"text":"{{text}}","id":"line {{number}}"}"""));

        Assert.Equal("""{"done":2000,"failed":0}""", lines[^1].ToJsonString());
        var results = lines.SkipLast(1).ToDictionary(line => (int)line["index"]!);
        Assert.Equal(2_000, results.Count);
        foreach (var (index, text) in texts.Index())
        {
            Assert.Equal($"line {index}", (string)results[index]["id"]!);
            Assert.Equal(text.Length, (int)results[index]["result"]!["step"]!);
        }

        var alone = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = texts[1_234] });
        Assert.Equal(alone.ToJsonString(), results[1_234]["result"]!.ToJsonString());
    }

    [Fact]
    public async Task A_line_that_can_not_be_used_is_named_and_the_next_goes_on()
    {
        var lines = await AnswersAsync("step",
        [
            """{"text":"a"}""", "", """{"text":"b" """, """{"id":7,"txet":"c"}""", """{"text":"dd","id":"x"}""", "[]",
            """{"id":[],"text":"a"}""", $$"""{"text":"{{new string('a', 3_000)}}"}""", """ { "id" : 9 , "text" : "e" } """ + "\r",
        ]);

        Assert.Equal("""{"done":8,"failed":6}""", lines[^1].ToJsonString());
        var results = lines.SkipLast(1).OrderBy(line => (int)line["index"]!).ToArray();
        Assert.Equal([null, "7", "\"x\"", null, null, null, "9"], results[1..].Select(line => line["id"]?.ToJsonString()));
        Assert.Equal(
            [true, false, false, false, false, false, false, true], results.Select(line => line["result"] is not null));
        Assert.Contains("line 3", (string)results[1]["error"]!["detail"]!, StringComparison.Ordinal);
        Assert.Equal("/txet", (string)results[2]["error"]!["errors"]![0]!["pointer"]!);
        Assert.Contains("Line 8 is longer", (string)results[6]["error"]!["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"\ud800","text":"a"}""")]
    [InlineData("""{"\ud800":1,"text":"a"}""")]
    public async Task A_line_whose_id_or_name_is_no_text_is_refused_and_the_next_goes_on(string line)
    {
        var lines = await AnswersAsync("step", [line, """{"text":"b"}"""]);

        Assert.Equal("""{"done":2,"failed":1}""", lines[^1].ToJsonString());
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_nothing_when_it_does()
    {
        const int Lines = 2_000;                             // their states are more than the buffers between hold
        using var content = LineBatchTests.Lines(Enumerable.Range(0, Lines).Select(id => $$"""{"id":{{id}},"text":"a","returnState":true}"""));
        using var response = await SendAsync("step", content);
        await using var stream = await response.Content.ReadAsStreamAsync(Aborted);
        using var reader = new StreamReader(stream);
        var read = 0;
        while (await reader.ReadLineAsync(Aborted) is { } line && !line.StartsWith("{\"done\"", StringComparison.Ordinal))
        {
            read++;
        }

        Assert.Equal(Lines, read);
    }

    [Fact]
    public async Task Each_line_is_answered_while_the_request_goes_on_and_progress_is_told()
    {
        using var exchange = await Exchange.BeginAsync(_client.BaseAddress!, "/api/v1/models/austen/step/batch", LineBatch.MediaType);
        await exchange.SendAsync("""{"text":"a"}""" + "\n");
        Assert.NotNull(JsonNode.Parse(await exchange.ReadLineAsync())!["result"]);
        _application.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"progress":{"done":1,"failed":0,"elapsedSeconds":1}}""", await exchange.ReadLineAsync());
        await exchange.SendAsync("""{"text":"b"}""" + "\n");
        Assert.NotNull(JsonNode.Parse(await exchange.ReadLineAsync())!["result"]);
        await exchange.EndAsync();
        Assert.Equal("""{"done":2,"failed":0}""", await exchange.ReadLineAsync());
    }

    [Fact]
    public async Task When_the_client_leaves_the_request_ends_with_its_calls()
    {
        using var endless = new RnnApplication { Settings = { ["Limits:MaxGeneratedLength"] = "1000000" } };
        using var client = endless.StartOnSocket();
        using var requests = new ActiveRequests(endless.Services.GetRequiredService<IMeterFactory>());
        using (var leaving = Leaving(client))
        {
            using var content = Lines(Enumerable.Range(0, 20).Select(_ => """{"text":"a","maxLength":1000000}""").Prepend("""{"text":"a","maxLength":1}"""));
            using var response = await SendAsync(leaving, "generate", content);
            await using var stream = await response.Content.ReadAsStreamAsync(Aborted);
            using var reader = new StreamReader(stream);
            await reader.ReadLineAsync(Aborted);
            Assert.Equal(1, requests.Value);                 // the others have been read too, as they came in one piece
        }

        await FaultRun.UntilAsync(() => requests.Value == 0, () => $"{requests.Value} requests still run.");
    }

    async Task<List<JsonNode>> AnswersAsync(string operation, IEnumerable<string> lines)
    {
        using var content = Lines(lines);
        using var response = await SendAsync(operation, content);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType!.MediaType);
        return [.. (await response.Content.ReadAsStringAsync(Aborted)).TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!)];
    }

    static StringContent Lines(IEnumerable<string> lines) =>
        new(string.Join('\n', lines), new MediaTypeHeaderValue("application/x-ndjson"));

    Task<HttpResponseMessage> SendAsync(string operation, HttpContent content) => SendAsync(_client, operation, content);

    static async Task<HttpResponseMessage> SendAsync(HttpClient client, string operation, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/models/austen/{operation}/batch") { Content = content };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Aborted);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }

    /// <summary>How many requests a host is answering.</summary>
    sealed class ActiveRequests : IDisposable
    {
        readonly MeterListener _listener = new();
        long _count;

        public ActiveRequests(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.active_requests" && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _count, change));
            _listener.Start();
        }

        public long Value => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
