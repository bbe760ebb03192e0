using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>What a client of the protocol does, and no more: it knows HTTP and JSON, and nothing of this server.</summary>
static class OipClient
{
    public const string LengthHeader = "Inference-Header-Content-Length";

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    /// <summary>Sends JSON, expects a status, and gives the reply's JSON. An error has the one member that the protocol allows.</summary>
    public static async Task<JsonNode> SendAsync(
        HttpClient client, string method, string path, string? body = null, HttpStatusCode status = HttpStatusCode.OK, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, Aborted);
        return await ReadAsync(response, status);
    }

    public static Task<JsonNode> GetAsync(HttpClient client, string path, HttpStatusCode status = HttpStatusCode.OK) => SendAsync(client, "GET", path, status: status);

    public static Task<JsonNode> InferAsync(HttpClient client, string model, string body, HttpStatusCode status = HttpStatusCode.OK) =>
        SendAsync(client, "POST", $"/v2/models/{model}/infer", body, status);

    /// <summary>Sends JSON with bytes after it.</summary>
    public static async Task<HttpResponseMessage> PostBytesAsync(HttpClient client, string model, string json, byte[] bytes, string? length = null)
    {
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. bytes]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.TryAddWithoutValidation(LengthHeader, length ?? $"{Encoding.UTF8.GetByteCount(json)}");
        return await client.PostAsync(new Uri($"/v2/models/{model}/infer", UriKind.Relative), content, Aborted);
    }

    /// <summary>The reply's JSON and the bytes after it.</summary>
    public static async Task<(JsonNode Json, byte[] Bytes)> ReadBytesAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(Aborted);
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        var length = int.Parse(Assert.Single(response.Headers.TryGetValues(LengthHeader, out var told) ? told : response.Content.Headers.GetValues(LengthHeader)), null);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        return (JsonNode.Parse(body.AsSpan(0, length))!, body[length..]);
    }

    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Aborted);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}, not {(int)status}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var json = JsonNode.Parse(text)!;
        if ((int)status >= 400)
        {
            Assert.Equal("error", Assert.Single(json.AsObject()).Key);
            Assert.NotEqual("", (string?)json["error"]);
        }

        return json;
    }

    public static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    public static float[] Floats(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    /// <summary>BYTES in binary: each after its length.</summary>
    public static byte[] Texts(params string[] texts) => [.. texts.SelectMany(text =>
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return length.Concat(bytes);
    })];

    public static JsonNode Output(JsonNode reply, string name) => Assert.Single(reply["outputs"]!.AsArray(), output => (string)output!["name"]! == name)!;

    public static float[] Data(JsonNode reply, string name) => [.. Output(reply, name)["data"]!.AsArray().Select(value => (float)value!)];

    public static long[] Shape(JsonNode reply, string name) => [.. Output(reply, name)["shape"]!.AsArray().Select(value => (long)value!)];
}
