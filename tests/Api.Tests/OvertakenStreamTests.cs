using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Storage;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>A stream on one server whose session another server moves.</summary>
public sealed class OvertakenStreamTests
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("key")]
    public async Task It_says_so_ends_and_leaves_the_session_to_the_other(string? key)
    {
        await using var kept = await KeptSessions.StartAsync(StoreKind.Redis);
        await using var one = kept.NewApplication();
        await using var other = kept.NewApplication();
        using var client = one.StartOnSocket();
        using var overtaker = other.StartOnSocket();
        var session = await NewSessionAsync(client, "austen");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{session}/generate")
        {
            Content = JsonContent.Create(new { text = "Emma", maxLength = 1_000_000, stream = true }),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Aborted);
        await using var stream = await response.Content.ReadAsStreamAsync(Aborted);
        await using var events = SseParser.Create(stream).EnumerateAsync(Aborted).GetAsyncEnumerator(Aborted);
        for (var told = 0; told < 5; told++)
        {
            Assert.True(await events.MoveNextAsync());
        }

        var step = (long)(await PostAsync(overtaker, $"/api/v1/sessions/{session}/step", new { text = "x" }))["step"]!;
        while (events.Current.EventType == "message")
        {
            Assert.True(await events.MoveNextAsync());
        }

        var last = JsonNode.Parse(events.Current.Data)!;
        Assert.Equal(("error", "Another server has moved the session."), (events.Current.EventType, (string)last["error"]!));
        Assert.Equal(step - 1, (long)last["step"]!);
        Assert.False(await events.MoveNextAsync());
        foreach (var server in new[] { client, overtaker })
        {
            Assert.Equal(step, (long)(await GetAsync(server, $"/api/v1/sessions/{session}"))["step"]!);
        }
    }
}
