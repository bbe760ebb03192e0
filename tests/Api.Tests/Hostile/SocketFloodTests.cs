using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Api.Tests.Faults;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Hostile;

/// <summary>A session's socket in the hands of somebody who means no good.</summary>
public sealed class SocketFloodTests : IDisposable
{
    readonly HostileServer _server = new(("Server:MaxBodyBytes", "65536"));

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_message_of_endless_fragments_is_ended_at_the_size_of_a_body()
    {
        using var socket = await OpenAsync("s");
        var fragment = new byte[1_024];
        var closing = ReadToCloseAsync(socket);
        try
        {
            for (var sent = 0; sent < 10_000 && !closing.IsCompleted; sent++)
            {
                await socket.SendAsync(fragment, WebSocketMessageType.Text, endOfMessage: false, Aborted);
            }
        }
        catch (WebSocketException)
        {
            // It has heard enough.
        }

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await closing);
        await StillServesAsync();
    }

    [Fact]
    public async Task A_message_in_fragments_of_one_byte_is_read_as_one()
    {
        using var socket = await OpenAsync("s");
        var message = """{"id":1,"step":{"text":"a"}}"""u8.ToArray();
        for (var place = 0; place < message.Length; place++)
        {
            await socket.SendAsync(message.AsMemory(place, 1), WebSocketMessageType.Text, endOfMessage: place == message.Length - 1, Aborted);
        }

        var buffer = new byte[4_096];
        await socket.ReceiveAsync(buffer, Aborted);        // its greeting
        Assert.Contains("\"step\":1", Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, Aborted)).Count), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_sends_without_end_and_never_reads_leaves_nothing_behind_when_he_goes()
    {
        using var socket = await OpenAsync("s");
        var step = """{"step":{"text":"a","top":10,"returnState":true}}"""u8.ToArray();
        var sending = Task.Run(
            async () =>
            {
                while (true)
                {
                    await socket.SendAsync(step, WebSocketMessageType.Text, endOfMessage: true, Aborted);
                }
            },
            Aborted);
        while ((long)(await GetAsync(_server.Client, "/api/v1/sessions/s"))["step"]! < 32)
        {
            Assert.False(sending.IsCompleted, "It was cut off at once.");
        }

        socket.Abort();

        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        var turns = _server.Application.Services.GetRequiredService<Turns>();
        await FaultRun.UntilAsync(() => turns.Count == 0, () => "The session is still held.");
        await StillServesAsync();
    }

    async Task<ClientWebSocket> OpenAsync(string session)
    {
        await PostAsync(_server.Client, "/api/v1/sessions", new { model = "austen", id = session }, System.Net.HttpStatusCode.Created);
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_server.Address) { Scheme = Uri.UriSchemeWs, Path = $"/api/v1/sessions/{session}/socket" }.Uri, Aborted);
        return socket;
    }

    static async Task<WebSocketCloseStatus?> ReadToCloseAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4_096];
        while ((await socket.ReceiveAsync(buffer, Aborted)).MessageType != WebSocketMessageType.Close)
        {
            // Its greeting.
        }

        return socket.CloseStatus;
    }

    async Task StillServesAsync()
    {
        await _server.ServesAsync();
        await PostAsync(_server.Client, "/api/v1/sessions/s/step", new { text = "a" });
    }
}
