using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Rnn.Api.Rest;
using Rnn.Engine;
using Serilog;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>How a stream ends that told nothing, or not all it had.</summary>
public sealed class StreamEndTests : IDisposable
{
    readonly RnnApplication _application = new();
    readonly HttpClient _client;

    public StreamEndTests() => _client = _application.CreateClient();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _application.Dispose();
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "key")]
    public async Task What_was_read_is_kept_if_nothing_is_told_of_it(bool stream, string? key)
    {
        var first = await TextAsync(maxLength: 1);
        var session = await NewSessionAsync(_client, "austen");

        var reply = await GenerateAsync(session, new { text = "Emma", maxLength = 9, temperature = 0, stop = new[] { first }, stream }, key);

        Assert.Contains("\"step\":4", reply, StringComparison.Ordinal);
        Assert.DoesNotContain("event: error", reply, StringComparison.Ordinal);
        Assert.Equal(4, (long)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
        var next = await PostAsync(_client, $"/api/v1/sessions/{session}/generate", new { maxLength = 1, temperature = 0 });
        Assert.Equal(first, (string)next["text"]!);
    }

    [Fact]
    public async Task A_client_that_leaves_before_it_was_told_all_is_told_later_that_the_stream_was_cut_off()
    {
        var text = await TextAsync(maxLength: 6);
        var session = await NewSessionAsync(_client, "austen");
        var body = new GenerateRequest
        {
            Text = "Emma",
            MaxLength = 6,
            Temperature = 0,
            Stop = [text[^3..] + "\u0001"],                // so the last ones are held back until the length ends it
            Stream = true,
        };
        var request = body.OnSession(new SessionCall { Id = session, IdempotencyKey = "key" });
        using (var run = await _application.Engine.StartAsync(request, Aborted))
        {
            var told = 0;
            await foreach (var item in Stream(run, request, body).RunAsync(Aborted))
            {
                Assert.Equal("message", item.EventType);
                if (++told == 4)
                {
                    break;                                 // two more are there
                }
            }

            Assert.NotNull(run.Finish);
        }

        var again = await GenerateAsync(session, body, "key");

        Assert.Contains("event: error", again, StringComparison.Ordinal);
        Assert.DoesNotContain("event: end", again, StringComparison.Ordinal);
        Assert.Equal(8, (long)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    GenerationStream Stream(InferenceRun run, InferenceRequest request, GenerateRequest body) => new(
        run,
        request,
        body,
        _application.Services.GetRequiredService<StateForms>(),
        _application.Services.GetRequiredService<IOptions<JsonOptions>>().Value,
        new ServerOptions(),
        _application.Services.GetRequiredService<IHostApplicationLifetime>(),
        _application.Services.GetRequiredService<IDiagnosticContext>());

    async Task<string> TextAsync(int maxLength) =>
        (string)(await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength, temperature = 0 }))["text"]!;

    async Task<string> GenerateAsync(string session, object body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{session}/generate")
        {
            Content = JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await _client.SendAsync(request, Aborted);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(Aborted);
    }
}
