using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Streaming;

/// <summary>A session over a WebSocket.</summary>
public sealed class SocketTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_are_answered_in_order_as_the_calls_of_a_session_are()
    {
        const string Text = "Nakamura-Yamamoto";
        var session = await NewSessionAsync(_client, "names");
        using var socket = await OpenAsync(session);
        var hello = await ReceiveAsync(socket);
        Assert.Equal((session, "names", 0, "0"), ((string)hello["session"]!, (string)hello["model"]!, (int)hello["step"]!, (string)hello["tag"]!));

        foreach (var (index, letter) in Text.Index())
        {
            await SendAsync(socket, $$"""{"id":{{index}},"step":{"text":"{{letter}}","top":1} }""");       // all at once
        }

        for (var index = 0; index < Text.Length; index++)
        {
            var reply = await ReceiveAsync(socket);
            Assert.Equal((index, index + 1), ((int)reply["id"]!, (int)reply["step"]!));
            Assert.Equal($"{index + 1}", (string)reply["tag"]!);
        }

        var whole = await PostAsync(_client, "/api/v1/models/names/sequence", new { text = Text + "a", top = 1 });
        await SendAsync(socket, """{"id":"last","sequence":{"text":"a","top":1}}""");
        Assert.True(JsonNode.DeepEquals(whole["output"], (await ReceiveAsync(socket))["output"]));
    }

    [Fact]
    public async Task A_stream_is_watched_value_by_value()
    {
        var (session, other) = (await NewSessionAsync(_client, "monitor"), await NewSessionAsync(_client, "monitor"));
        using var socket = await OpenAsync(session);
        await ReceiveAsync(socket);
        foreach (var (index, value) in new[] { 7, 8, 7, 9 }.Index())
        {
            await SendAsync(socket, $$"""{"id":{{index}},"observe":{"values":[{{value}}]} }""");
            var told = await ReceiveAsync(socket);
            var posted = await PostAsync(_client, $"/api/v1/sessions/{other}/observe", new { values = new[] { value } });

            Assert.Equal(index + 1, (int)told["step"]!);
            Assert.True(JsonNode.DeepEquals(posted["comparison"], told["comparison"]));
            Assert.True(JsonNode.DeepEquals(posted["output"], told["output"]));
        }
    }

    [Fact]
    public async Task An_ID_that_comes_again_with_another_call_is_refused()
    {
        using var socket = await OpenAsync(await NewSessionAsync(_client, "names"));
        await ReceiveAsync(socket);
        await SendAsync(socket, """{"id":1,"step":{"text":"N"}}""");
        await ReceiveAsync(socket);

        await SendAsync(socket, """{"id":1,"sequence":{"text":"N"}}""");

        Assert.Equal("urn:rnn:problem:key-reused", (string)(await ReceiveAsync(socket))["error"]!["type"]!);
    }

    [Fact]
    public async Task What_was_not_acknowledged_is_sent_again_after_the_connection_dropped_and_applied_once()
    {
        var session = await NewSessionAsync(_client, "names");
        using (var dropped = await OpenAsync(session))
        {
            await ReceiveAsync(dropped);
            await SendAsync(dropped, """{"id":1,"step":{"text":"N"}}""");
            await SendAsync(dropped, """{"id":2,"step":{"text":"a"}}""");
            await ReceiveAsync(dropped);
            await ReceiveAsync(dropped);                     // and this answer is lost on the way
            dropped.Abort();
        }

        using var socket = await OpenAsync(session);
        Assert.Equal(2, (int)(await ReceiveAsync(socket))["step"]!);
        await SendAsync(socket, """{"id":2,"step":{"text":"a"}}""");
        await SendAsync(socket, """{"id":3,"step":{"text":"k"}}""");

        var again = await ReceiveAsync(socket);
        Assert.Equal((2, 2, true), ((int)again["id"]!, (int)again["step"]!, (bool)again["replayed"]!));
        Assert.Equal(3, (int)(await ReceiveAsync(socket))["step"]!);
        Assert.Equal(3, (int)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    [Theory]
    [InlineData("""{"id":1,"step":{"text":"日"}}""", 1, "/step/text")]
    [InlineData("""{"id":1,"step":{"text":7}}""", 1, "/step/text")]
    [InlineData("""{"id":1,"step":{"text":"ab"}}""", 1, "/step")]
    [InlineData("""{"id":1,"generate":{"stream":true}}""", 1, "/generate/stream")]
    [InlineData("""{"id":1,"jump":{}}""", 1, "/jump")]
    [InlineData("""{"id":1,"step":{},"sequence":{}}""", 1, "/sequence")]
    [InlineData("""{"id":1}""", 1, "")]
    [InlineData("""{"id":[],"step":{}}""", null, "/id")]
    [InlineData("""{"id":"\ud800","step":{"text":"T"}}""", null, "")]
    [InlineData("""{"id":1,"\ud800":{}}""", 1, "")]
    [InlineData("""[1]""", null, "")]
    [InlineData("""{"id":1,"step":""", null, null)]
    [InlineData("hello", null, null)]
    public async Task A_message_that_can_not_be_used_is_answered_and_the_socket_stays_open(string message, int? id, string? pointer)
    {
        using var socket = await OpenAsync(await NewSessionAsync(_client, "austen"));
        await ReceiveAsync(socket);

        await SendAsync(socket, message);
        var reply = await ReceiveAsync(socket);
        await SendAsync(socket, """{"id":"after","step":{"text":"a"}}""");

        Assert.Equal(400, (int)reply["error"]!["status"]!);
        if (pointer is not null)
        {
            Assert.Equal(id, (int?)reply["id"]);
            Assert.Equal(pointer, (string)reply["error"]!["errors"]![0]!["pointer"]!);
        }

        Assert.Equal(1, (int)(await ReceiveAsync(socket))["step"]!);
    }

    [Fact]
    public async Task A_peek_leaves_the_session_where_it_is()
    {
        var session = await NewSessionAsync(_client, "names");
        using var socket = await OpenAsync(session);
        await ReceiveAsync(socket);

        await SendAsync(socket, """{"id":1,"sequence":{"text":"Nakamura","commit":false}}""");

        Assert.False((bool)(await ReceiveAsync(socket))["committed"]!);
        Assert.Equal(0, (int)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    [Fact]
    public async Task A_session_that_ends_meanwhile_closes_the_socket_and_says_why()
    {
        var session = await NewSessionAsync(_client, "names");
        using var socket = await OpenAsync(session);
        await ReceiveAsync(socket);
        using var deleted = await _client.DeleteAsync(new Uri($"/api/v1/sessions/{session}", UriKind.Relative), Aborted);

        await SendAsync(socket, """{"id":1,"step":{"text":"N"}}""");

        Assert.Equal(410, (int)(await ReceiveAsync(socket))["error"]!["status"]!);
        Assert.Equal(4410, await ClosedAsync(socket));
    }

    [Fact]
    public async Task Binary_frames_are_refused_by_name()
    {
        using var socket = await OpenAsync(await NewSessionAsync(_client, "names"));
        await ReceiveAsync(socket);

        await socket.SendAsync(new byte[3], WebSocketMessageType.Binary, endOfMessage: true, Aborted);

        Assert.Equal((int)WebSocketCloseStatus.InvalidMessageType, await ClosedAsync(socket));
    }

    [Fact]
    public async Task A_message_that_is_too_long_closes_the_socket()
    {
        using var small = new RnnApplication { Settings = { ["Server:MaxBodyBytes"] = "2048" } };
        using var client = small.CreateClient();
        using var socket = await OpenAsync(small, await NewSessionAsync(client, "names"));
        await ReceiveAsync(socket);

        await SendAsync(socket, $$"""{"id":1,"step":{"text":"{{new string('a', 3000)}}"} }""");

        Assert.Equal((int)WebSocketCloseStatus.MessageTooBig, await ClosedAsync(socket));
    }

    [Fact]
    public async Task Whoever_does_not_upgrade_or_has_no_session_is_told_by_HTTP()
    {
        var session = await NewSessionAsync(_client, "names");

        await GetAsync(_client, $"/api/v1/sessions/{session}/socket", HttpStatusCode.UpgradeRequired);
        await GetAsync(_client, "/api/v1/sessions/nobody/socket", HttpStatusCode.NotFound);
    }

    Task<WebSocket> OpenAsync(string session) => OpenAsync(application, session);

    static Task<WebSocket> OpenAsync(RnnApplication application, string session) => application.Server.CreateWebSocketClient()
        .ConnectAsync(new UriBuilder(application.Server.BaseAddress) { Scheme = "ws", Path = $"/api/v1/sessions/{session}/socket" }.Uri, Aborted);

    static Task SendAsync(WebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, Aborted);

    static async Task<JsonNode> ReceiveAsync(WebSocket socket)
    {
        var text = new MemoryStream();
        var buffer = new byte[4096];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), Aborted);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        Assert.Equal(WebSocketMessageType.Text, part.MessageType);
        return JsonNode.Parse(text.ToArray())!;
    }

    /// <returns>The code with which the server closes.</returns>
    static async Task<int> ClosedAsync(WebSocket socket)
    {
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[1024].AsMemory(), Aborted)).MessageType);
        return (int)socket.CloseStatus!.Value;
    }
}
