using System.Net.Sockets;
using System.Text;

namespace Rnn.Api.Tests.Hostile;

/// <summary>A client that says what it likes over a connection of its own, or nothing.</summary>
sealed class RawClient : IDisposable
{
    readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4_096 };

    RawClient()
    {
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public static async Task<RawClient> ConnectAsync(Uri server)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(server.Host, server.Port, Aborted);
        return client;
    }

    public async Task SendAsync(string ascii) => await SendAsync(Encoding.ASCII.GetBytes(ascii));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, Aborted)..];
        }
    }

    /// <summary>Sends what the server may have heard enough of before its end.</summary>
    public async Task SendAsFarAsIsHeardAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
        }
        catch (SocketException)
        {
            // Closed meanwhile; what it said before is still to be read.
        }
    }

    /// <summary>Reads some of what has come, or waits for it.</summary>
    public async Task<string> ReadAsync()
    {
        var bytes = new byte[4_096];
        return Encoding.ASCII.GetString(bytes, 0, await _socket.ReceiveAsync(bytes, Aborted));
    }

    /// <summary>Everything until the server closes the connection; that is what is waited for.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        try
        {
            while (await ReadAsync() is { Length: > 0 } part)
            {
                all.Append(part);
            }
        }
        catch (SocketException)
        {
            // Closed without ceremony.
        }

        return all.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
