using System.Net.Sockets;
using System.Text;

namespace Rnn.Api.Tests.Streaming;

/// <summary>A request over HTTP/1.1 that is written while its answer is read, which <see cref="HttpClient"/> does over HTTP/2 only.</summary>
sealed class Exchange : IDisposable
{
    readonly TcpClient _connection = new();
    StreamReader? _answer;

    Exchange()
    {
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public static async Task<Exchange> BeginAsync(Uri server, string path, string mediaType)
    {
        var exchange = new Exchange();
        await exchange._connection.ConnectAsync(server.Host, server.Port, Aborted);
        exchange._answer = new(exchange._connection.GetStream());
        await exchange.WriteAsync($"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: {mediaType}\r\nTransfer-Encoding: chunked\r\n\r\n");
        return exchange;
    }

    public Task SendAsync(string ascii) => WriteAsync($"{ascii.Length:x}\r\n{ascii}\r\n");

    public Task EndAsync() => WriteAsync("0\r\n\r\n");

    /// <summary>The next line that is a JSON object: heads and the lengths of chunks are passed over.</summary>
    public async Task<string> ReadLineAsync()
    {
        while (await _answer!.ReadLineAsync(Aborted) is { } line)
        {
            if (line.StartsWith('{'))
            {
                return line;
            }
        }

        throw new EndOfStreamException("The answer has ended.");
    }

    public void Dispose()
    {
        _answer?.Dispose();
        _connection.Dispose();
    }

    Task WriteAsync(string text) => _connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Aborted).AsTask();
}
