using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Rnn.Bench.Load.Http;

/// <summary>A connection that is kept alive, with one request at a time.</summary>
sealed class Connection : IDisposable
{
    readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly byte[] _buffer = new byte[32 << 10];

    /// <exception cref="IOException">The server does not answer.</exception>
    public async Task OpenAsync(Uri url)
    {
        try
        {
            await _socket.ConnectAsync(url.Host, url.Port);
        }
        catch (SocketException exception)
        {
            throw new IOException($"{url}: {exception.Message}", exception);
        }
    }

    /// <summary>Sends a request and reads until the reply is complete.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ExchangeAsync(ReadOnlyMemory<byte> request, ReplyReader reply)
    {
        reply.Begin();
        while (!request.IsEmpty)
        {
            request = request[await _socket.SendAsync(request)..];
        }

        while (!reply.IsComplete)
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory());
            if (count == 0)
            {
                throw new IOException("The server closed the connection before its reply was complete.");
            }

            reply.Read(_buffer.AsSpan(0, count));
        }
    }

    public void Dispose() => _socket.Dispose();
}
