using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.Faults;

/// <summary>A client that reads a stream of the climbing model for as long as there is one.</summary>
sealed class EventReader : IDisposable
{
    // More than is generated while a test runs.
    const int Endless = 1_000_000;

    readonly HttpClient _http;
    readonly HttpResponseMessage _reply;

    EventReader(HttpClient http, HttpResponseMessage reply, string session) => (_http, _reply, Session) = (http, reply, session);

    /// <summary>The setting of a server that streams long enough.</summary>
    public static string Setting => $"Limits:MaxGeneratedLength={Endless}";

    public string Session { get; }

    /// <summary>The step of the last event.</summary>
    public long Told { get; private set; }

    /// <summary>The type of the last event; null while there was none but timesteps.</summary>
    public string? End { get; private set; }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    /// <summary>Creates a session and asks for its stream.</summary>
    public static async Task<EventReader> BeginAsync(ChainClient client, ServerProcess server, string session)
    {
        await client.CreateAsync(session, CountingModel.Climbing);
        var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, $"/api/v1/sessions/{session}/generate"))
        {
            Content = JsonContent.Create(new { values = new[] { new[] { 0 } }, maxLength = Endless, stream = true }),
        };
        var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Aborted);
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        return new EventReader(http, reply, session);
    }

    /// <summary>Reads until the stream ends, in order or not.</summary>
    public async Task ReadAsync()
    {
        try
        {
            await using var stream = await _reply.Content.ReadAsStreamAsync(Aborted);
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(Aborted))
            {
                Read(item.EventType, JsonNode.Parse(item.Data)!);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The server is gone; what counts is what it had told until then.
        }
    }

    public void Dispose()
    {
        _reply.Dispose();
        _http.Dispose();
    }

    void Read(string type, JsonNode data)
    {
        var step = (long)data["step"]!;
        if (type is "end" or "error")
        {
            Assert.Equal(Told, step);
            End = type;
            return;
        }

        Assert.Equal([step - 1], data["values"]!.AsArray().Select(value => (long)value!));
        Assert.True(Told == 0 || step == Told + 1, $"Step {step} came after step {Told}.");
        Told = step;
    }
}
