using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

public sealed class StreamTests : IDisposable
{
    // Far more than can be generated while a test runs: a stream that does not stop would be noticed.
    const int Endless = 1_000_000;

    readonly RnnApplication _application = new() { Settings = { ["Limits:MaxGeneratedLength"] = $"{Endless}" } };
    readonly HttpClient _client;

    public StreamTests() => _client = _application.StartOnSocket();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task A_stream_tells_the_same_text_piece_by_piece_and_then_its_end()
    {
        var whole = await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 40, seed = 5 });

        var events = await EventsAsync("/api/v1/models/austen/generate", new { text = "Emma", maxLength = 40, seed = 5, stream = true });

        Assert.Equal((string)whole["text"]!, string.Concat(events.SkipLast(1).Select(item => (string)item.Data["text"]!)));
        Assert.Equal(Enumerable.Range(5, 40), events.SkipLast(1).Select(item => (int)item.Data["step"]!));
        Assert.Equal("end", events[^1].Type);
        Assert.Equal("length", (string)events[^1].Data["finish"]!);
        Assert.Equal(5, (int)events[^1].Data["seed"]!);
    }

    [Fact]
    public async Task A_request_that_can_not_be_run_is_a_problem_not_a_stream() =>
        await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 0, stream = true }, HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_stream_ends_at_once_when_its_client_leaves_and_the_session_goes_on_from_the_last_event()
    {
        var session = await NewSessionAsync(_client, "austen");
        var told = 0L;

        using (var client = Leaving(_client))
        using (var response = await SendAsync(client, $"/api/v1/sessions/{session}/generate", new { text = "Emma", maxLength = Endless, stream = true }))
        await using (var stream = await response.Content.ReadAsStreamAsync(Aborted))
        {
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(Aborted).Take(10))
            {
                told = (long)JsonNode.Parse(item.Data)!["step"]!;
            }
        }

        // The next call waits for its turn: that it comes at all shows that the stream has let the session go.
        var next = await PostAsync(_client, $"/api/v1/sessions/{session}/step", new { text = " " });
        Assert.InRange((long)next["step"]!, told + 1, Endless);
    }

    [Fact]
    public async Task A_stop_string_never_gets_out()
    {
        var events = await EventsAsync(
            "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 2000, seed = 5, stop = new[] { " the " }, stream = true });

        Assert.Equal("stop", (string)events[^1].Data["finish"]!);
        Assert.DoesNotContain(" the ", string.Concat(events.SkipLast(1).Select(item => (string)item.Data["text"]!)), StringComparison.Ordinal);
    }

    async Task<List<(string Type, JsonNode Data)>> EventsAsync(string path, object body)
    {
        using var response = await SendAsync(_client, path, body);
        await using var stream = await response.Content.ReadAsStreamAsync(Aborted);
        return await SseParser.Create(stream).EnumerateAsync(Aborted)
            .Select(item => (item.EventType, JsonNode.Parse(item.Data)!))
            .ToListAsync(Aborted);
    }

    static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Aborted);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return response;
    }
}
