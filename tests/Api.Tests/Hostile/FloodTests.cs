using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.OpenInference;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Hostile;

/// <summary>More than is taken: of connections, of bytes, of parts, of depth.</summary>
public sealed class FloodTests : IDisposable
{
    const int MaxConnections = 20;
    const string Sequence = "POST /api/v1/models/austen/sequence HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    readonly HostileServer _server = new(("Server:MaxConnections", $"{MaxConnections}"), ("Server:MaxBodyBytes", $"{16 << 20}"));

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_who_has_one_goes_on()
    {
        await _server.ServesAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 5 * MaxConnections).Select(_ => _server.ConnectAsync()));

        // All but those that hold the rest of the places.
        var ends = clients.Select(client => client.ReadToEndAsync()).ToList();
        for (var closed = 0; closed < clients.Length - MaxConnections + 1; closed++)
        {
            var end = await Task.WhenAny(ends);
            Assert.Equal("", await end);
            ends.Remove(end);
        }

        await _server.ServesAsync();
        Array.ForEach(clients, client => client.Dispose());
        await Task.WhenAll(ends);
        using var other = new HttpClient { BaseAddress = _server.Address };
        await UntilServedAsync(other);
    }

    [Fact]
    public async Task A_million_chunks_of_six_bytes_are_read_as_one_body()
    {
        using var client = await _server.ConnectAsync();
        var chunks = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("6\r\naaaaaa\r\n", 10_000)));
        await client.SendAsync($"{Sequence}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{{\"text\":\"\r\n");
        for (var sent = 0; sent < 100; sent++)
        {
            await client.SendAsync(chunks);
        }

        await client.SendAsync("2\r\n\"}\r\n0\r\n\r\n");

        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("text has 6000000 timesteps", answer, StringComparison.Ordinal);
        await _server.ServesAsync();
    }

    [Fact]
    public async Task Chunks_that_add_up_to_more_than_a_body_may_have_are_413()
    {
        using var client = await _server.ConnectAsync();
        var chunk = Encoding.ASCII.GetBytes($"{1 << 20:x}\r\n{new string('a', 1 << 20)}\r\n");
        await client.SendAsync($"{Sequence}Transfer-Encoding: chunked\r\n\r\n9\r\n{{\"text\":\"\r\n");
        for (var sent = 0; sent < 20; sent++)
        {
            await client.SendAsFarAsIsHeardAsync(chunk);
        }

        Assert.StartsWith("HTTP/1.1 413 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await _server.ServesAsync();
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-1\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Content-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    public async Task Lengths_that_are_none_are_refused_and_the_connection_closed(string sent)
    {
        using var client = await _server.ConnectAsync();

        await client.SendAsync(Sequence + sent);

        Assert.StartsWith("HTTP/1.1 400 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await _server.ServesAsync();
    }

    [Fact]
    public async Task A_path_of_a_megabyte_is_not_read_to_its_end()
    {
        using var client = await _server.ConnectAsync();

        await client.SendAsFarAsIsHeardAsync(Encoding.ASCII.GetBytes($"GET /api/v1/sessions/{new string('a', 1 << 20)} HTTP/1.1\r\nHost: localhost\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 414 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await _server.ServesAsync();
    }

    [Fact]
    public async Task Headers_without_end_are_not_read_to_theirs()
    {
        using var client = await _server.ConnectAsync();
        var header = Encoding.ASCII.GetBytes($"X-Header: {new string('a', 1_000)}\r\n");
        await client.SendAsync("GET /api/v1/models HTTP/1.1\r\nHost: localhost\r\n");
        for (var sent = 0; sent < 1_000; sent++)
        {
            await client.SendAsFarAsIsHeardAsync(header);
        }

        Assert.StartsWith("HTTP/1.1 431 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await _server.ServesAsync();
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public async Task A_hundred_thousand_levels_of_nesting_are_refused_at_the_first_too_many(string level)
    {
        var problem = await PostAsync(
            _server.Client, "/api/v1/models/austen/sequence", string.Concat(Enumerable.Repeat(level, 100_000)), HttpStatusCode.BadRequest);

        Assert.Equal("urn:rnn:problem:invalid-json", (string)problem["type"]!);
        await _server.ServesAsync();
    }

    [Fact]
    public async Task A_compressed_body_is_not_inflated_where_none_is_taken()
    {
        using var content = new ByteArrayContent(Compression.Gzip(new byte[100 << 20]));
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");

        using var reply = await _server.Client.PostAsync(new Uri("/api/v1/models/austen/sequence", UriKind.Relative), content, Aborted);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, reply.StatusCode);
        Assert.Equal("urn:rnn:problem:unsupported-media-type", (string)(await reply.Content.ReadFromJsonAsync<JsonNode>(Aborted))!["type"]!);
        await _server.ServesAsync();
    }

    [Fact]
    public async Task A_compressed_body_is_inflated_no_further_than_a_body_may_go()
    {
        using var content = new ByteArrayContent(Compression.Gzip(new byte[100 << 20]));
        content.Headers.ContentType = new("application/json");
        content.Headers.ContentEncoding.Add("gzip");

        using var reply = await _server.Client.PostAsync(new Uri("/v2/models/austen/infer", UriKind.Relative), content, Aborted);

        Assert.True(reply.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest, $"{reply.StatusCode}");
        await _server.ServesAsync();
    }

    /// <summary>The server learns of each connection that is closed after its client has closed it.</summary>
    static async Task UntilServedAsync(HttpClient client)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await GetAsync(client, "/api/v1/models");
                return;
            }
            catch (HttpRequestException) when (tries < 1_000)
            {
                await Task.Delay(10, Aborted);
            }
        }
    }
}
