using Microsoft.Extensions.DependencyInjection;
using Rnn.Api.Tests.Faults;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Hostile;

/// <summary>Clients that begin and do not go on: each is cut off, and meanwhile others are served.</summary>
public sealed class SlowClientTests : IDisposable
{
    const string Head = "POST /api/v1/models/austen/step HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    readonly HostileServer _server = new(("Limits:MaxGeneratedLength", "1000000"));

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("P")]
    [InlineData("POST /api/v1/models/aus")]
    [InlineData(Head)]
    [InlineData(Head + "X-Slow: ")]
    public async Task Headers_that_do_not_come_to_an_end_are_cut_off(string sent)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _server.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.SendAsync(sent)));
        await _server.ServesAsync();

        var answers = await Task.WhenAll(clients.Select(client => client.ReadToEndAsync()));

        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal));
        Array.ForEach(clients, client => client.Dispose());
        await _server.ServesAsync();
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{\"text\":")]
    [InlineData("Content-Length: 100\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n8\r\n{\"text\":\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n8\r\n{\"te")]
    public async Task Bodies_that_do_not_come_to_an_end_are_cut_off(string sent)
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _server.ConnectAsync()));
        await Task.WhenAll(clients.Select(client => client.SendAsync(Head + sent)));
        await _server.ServesAsync();

        var answers = await Task.WhenAll(clients.Select(client => client.ReadToEndAsync()));

        Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal));
        Array.ForEach(clients, client => client.Dispose());
        await _server.ServesAsync();
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_is_cut_off_and_lets_go_of_its_session()
    {
        await PostAsync(_server.Client, "/api/v1/sessions", new { model = "austen", id = "s" }, System.Net.HttpStatusCode.Created);
        const string Body = """{"text":"a","maxLength":1000000,"stream":true}""";
        using var client = await _server.ConnectAsync();
        await client.SendAsync($"POST /api/v1/sessions/s/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadAsync(), StringComparison.Ordinal);

        var turns = _server.Application.Services.GetRequiredService<Turns>();
        await FaultRun.UntilAsync(() => turns.Count == 0, () => "The session is held by a client that reads nothing.");

        Assert.InRange((long)(await GetAsync(_server.Client, "/api/v1/sessions/s"))["step"]!, 1, 1_000_000);
        await PostAsync(_server.Client, "/api/v1/sessions/s/step", new { text = "a" });
    }

    [Fact]
    public async Task A_connection_that_only_stands_there_costs_no_other_its_place()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => _server.ConnectAsync()));

        await _server.ServesAsync();

        Array.ForEach(clients, client => client.Dispose());
    }
}
