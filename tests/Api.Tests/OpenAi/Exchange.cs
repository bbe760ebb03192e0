using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>Requests to OpenAI's routes, and what they are answered.</summary>
static class Exchange
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    /// <summary>Posts JSON and expects 200.</summary>
    public static async Task<JsonNode> PostAsync(HttpClient client, string path, object body)
    {
        using var reply = await SendAsync(client, path, body);
        var text = await reply.Content.ReadAsStringAsync(Aborted);
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>The first choice of a completion.</summary>
    public static async Task<JsonNode> CompleteAsync(HttpClient client, object body) =>
        (await PostAsync(client, "/v1/completions", body))["choices"]![0]!;

    /// <summary>The data of a stream's events.</summary>
    public static async Task<List<string>> StreamAsync(HttpClient client, object body)
    {
        using var reply = await SendAsync(client, "/v1/completions", body);
        await using var stream = await reply.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Aborted);
        return await SseParser.Create(stream).EnumerateAsync(Aborted).Select(item => item.Data).ToListAsync(Aborted);
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, object body, string type = "application/json")
    {
        using var content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, type);
        return await client.PostAsync(new Uri(path, UriKind.Relative), content, Aborted);
    }

    /// <summary>The error of a reply, which must be in OpenAI's shape and no other, and name its request.</summary>
    public static async Task<JsonObject> ErrorOf(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync(Aborted);
        Assert.Equal("application/json", reply.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(Assert.Single(reply.Headers.GetValues("x-request-id")));
        var (name, error) = Assert.Single(JsonNode.Parse(text)!.AsObject());
        Assert.Equal("error", name);
        Assert.Equal(["message", "type", "param", "code"], error!.AsObject().Select(member => member.Key));
        Assert.NotEmpty((string)error["message"]!);
        return error.AsObject();
    }
}
