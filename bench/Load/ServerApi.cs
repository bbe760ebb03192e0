using System.Net.Http.Json;
using System.Text.Json;

namespace Rnn.Bench.Load;

/// <summary>What is asked of the server before and after the measuring.</summary>
sealed class ServerApi(Uri url) : IDisposable
{
    readonly HttpClient _http = new() { BaseAddress = url };

    /// <returns>How many numbers a vector of the model holds; 0 if it reads text.</returns>
    public async Task<int> FeaturesAsync(string model)
    {
        using var reply = await _http.GetAsync($"/api/v1/models/{model}");
        var input = (await JsonAsync(reply)).GetProperty("input");
        return input.TryGetProperty("features", out var features) ? features.GetArrayLength() : 0;
    }

    /// <returns>The session's ID.</returns>
    public async Task<string> CreateSessionAsync(string model)
    {
        using var body = JsonContent.Create(new { model });
        using var reply = await _http.PostAsync("/api/v1/sessions", body);
        return (await JsonAsync(reply)).GetProperty("id").GetString()!;
    }

    /// <returns>How many timesteps the session has read, and its tag.</returns>
    public async Task<(long Step, string Tag)> WhereIsAsync(string id)
    {
        using var reply = await _http.GetAsync($"/api/v1/sessions/{id}");
        return ((await JsonAsync(reply)).GetProperty("step").GetInt64(), reply.Headers.ETag!.Tag);
    }

    public async Task DeleteSessionAsync(string id)
    {
        using var reply = await _http.DeleteAsync($"/api/v1/sessions/{id}");
    }

    public void Dispose() => _http.Dispose();

    static async Task<JsonElement> JsonAsync(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode
            ? JsonElement.Parse(text)
            : throw new HttpRequestException($"{reply.RequestMessage!.RequestUri}: {(int)reply.StatusCode} {text}");
    }
}
