using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Rnn.Bench.Load.Soak;

/// <summary>
/// A client that does by turns whatever clients do: steps, sequences and generations, sessions and forks of them that it deletes again, streams
/// that it leaves, requests that are wrong. What is not answered as it must be is a failure.
/// </summary>
/// <param name="options">The server and the model, which reads text.</param>
/// <param name="number">Seeds what it does.</param>
/// <param name="failures">Takes what goes wrong.</param>
sealed class Mix(LoadOptions options, int number, Failures failures) : IDisposable
{
    // Leaves an answer by closing its connection, where HttpClient would by default read on for a while.
    readonly HttpClient _http = new(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = options.Url };
    readonly Random _random = new(number);

    /// <summary>How many things it has done.</summary>
    public long Done { get; private set; }

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await (_random.Next(8) switch
                {
                    0 or 1 => VisitAsync(),
                    2 => PostAsync(Model("sequence"), new { text = new string('e', _random.Next(1, 500)) }, HttpStatusCode.OK),
                    3 => PostAsync(Model("generate"), new { text = "e", maxLength = _random.Next(1, 100) }, HttpStatusCode.OK),
                    4 => StreamAsync(leaves: false),
                    5 => StreamAsync(leaves: true),
                    6 => PostAsync(Model("step"), new { txet = "e" }, HttpStatusCode.BadRequest),
                    _ => PostAsync("/api/v1/sessions/none/step", new { text = "e" }, HttpStatusCode.NotFound),
                });
                Done++;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                failures.Add(exception.Message);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A session with a few steps, a generation, and a fork; all of it is deleted again, unless this program is to leak.</summary>
    async Task VisitAsync()
    {
        var session = await CreateAsync("/api/v1/sessions", new { model = options.Model, history = 4 });
        for (var step = 0; step < 5; step++)
        {
            await PostAsync($"{session}/step", new { text = "e" }, HttpStatusCode.OK);
        }

        await PostAsync($"{session}/generate", new { maxLength = 10, stream = true }, HttpStatusCode.OK);
        var fork = await CreateAsync($"{session}/fork", new { });
        await PostAsync($"{fork}/rewind", new { step = 1_000 }, HttpStatusCode.UnprocessableEntity);
        foreach (var path in options.IsLeaking ? [] : new[] { session, fork })
        {
            using var reply = await _http.DeleteAsync(path);
            Expect(reply, HttpStatusCode.NoContent);
        }
    }

    async Task StreamAsync(bool leaves)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Model("generate"))
        {
            Content = JsonContent.Create(new { text = "e", maxLength = leaves ? 4_000 : 100, stream = true }),
        };
        using var reply = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Expect(reply, HttpStatusCode.OK);
        using var events = new StreamReader(await reply.Content.ReadAsStreamAsync());
        for (var line = 0; await events.ReadLineAsync() is not null && !(leaves && line > 20); line++)
        {
            // Only the reading counts.
        }
    }

    string Model(string operation) => $"/api/v1/models/{options.Model}/{operation}";

    async Task<string> CreateAsync(string path, object body)
    {
        using var reply = await _http.PostAsJsonAsync(path, body);
        Expect(reply, HttpStatusCode.Created);
        return $"/api/v1/sessions/{(await reply.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()}";
    }

    async Task PostAsync(string path, object body, HttpStatusCode status)
    {
        using var reply = await _http.PostAsJsonAsync(path, body);
        await reply.Content.CopyToAsync(Stream.Null);
        Expect(reply, status);
    }

    void Expect(HttpResponseMessage reply, HttpStatusCode status)
    {
        if (reply.StatusCode != status)
        {
            failures.Add($"{reply.RequestMessage!.RequestUri!.PathAndQuery}: {(int)reply.StatusCode}, not {(int)status}");
        }
    }
}
