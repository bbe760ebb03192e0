using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rnn.Api.OpenAi;
using Rnn.Engine;
using Rnn.Engine.Codecs;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>How a stream ends before its time.</summary>
public sealed class StreamEndTests : IDisposable
{
    readonly RnnApplication _application = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Who_has_left_is_told_no_further_token(int prompts)
    {
        using var left = new CancellationTokenSource();
        var pieces = RunOf(prompts).RunAsync(left.Token).GetAsyncEnumerator(Aborted);
        for (var token = 0; token < 10; token++)
        {
            Assert.True(await pieces.MoveNextAsync());
        }

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            // Of several prompts a token may be on its way already.
            for (var onItsWay = 0; onItsWay <= prompts; onItsWay++)
            {
                await pieces.MoveNextAsync();
            }
        });
        await pieces.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_that_stops_reading_stops_all_prompts()
    {
        var pieces = RunOf(prompts: 3).RunAsync(Aborted).GetAsyncEnumerator(Aborted);
        Assert.True(await pieces.MoveNextAsync());

        await pieces.DisposeAsync();                       // waits for all of them
    }

    [Fact]
    public async Task A_server_that_stops_says_so_in_the_stream()
    {
        using var client = _application.StartOnSocket();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"model":"austen","prompt":"Emma","max_tokens":4096,"stream":true}"""),
        };
        request.Content.Headers.ContentType = new("application/json");
        using var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Aborted);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync(Aborted));
        await reader.ReadLineAsync(Aborted);

        _application.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        var lines = (await reader.ReadToEndAsync(Aborted)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var error = JsonNode.Parse(lines[^1]["data: ".Length..])!["error"]!;
        Assert.Equal("The server is stopping.", (string)error["message"]!);
        Assert.Equal("server_error", (string)error["type"]!);
        Assert.DoesNotContain("data: [DONE]", lines);
    }

    CompletionRun RunOf(int prompts)
    {
        var body = new CompletionRequest
        {
            Model = "austen",
            Prompt = new([.. Enumerable.Repeat(new ModelInput { Text = "Emma" }, prompts)], IsList: prompts > 1),
            MaxTokens = 4_096,
        };
        var services = _application.Services;
        var call = CompletionCall.Of(body, _application.Engine, services.GetRequiredService<RequestLimits>(), services.GetRequiredService<ServerOptions>());
        return new(_application.Engine, call, inFlight: prompts);
    }
}
