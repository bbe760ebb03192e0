using System.Net;
using System.Net.Sockets;

namespace Rnn.Api.Tests.Storage;

/// <summary>
/// A way to a Redis that can be told to lose the answer to the next script: the server has carried it out, and the client sees its
/// connection end.
/// </summary>
sealed class LossyLink : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _closed = new();
    readonly int _target;
    readonly Task _accepting;
    Func<Task>? _lost;

    public LossyLink(RedisServer server)
    {
        _target = server.Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Loses the next script's answer.</summary>
    /// <param name="lost">What happens after the script was carried out and before its client can know that the connection ended.</param>
    public void LoseNextAnswer(Func<Task> lost) => _lost = lost;

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _closed.Dispose();
    }

    async Task AcceptAsync()
    {
        List<Task> links = [];
        try
        {
            while (true)
            {
                links.Add(LinkAsync(await _listener.AcceptTcpClientAsync(_closed.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(links);
        }
    }

    async Task LinkAsync(TcpClient client)
    {
        using var _ = client;
        using var server = new TcpClient();
        Func<Task>? lost = null;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _closed.Token);
            var (down, up) = (client.GetStream(), server.GetStream());
            await Task.WhenAny(PumpAsync(down, up, See), PumpAsync(up, down, Answer));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The server is away, or the test is over: the client sees its connection end.
        }

        Task<bool> See(ReadOnlyMemory<byte> request)
        {
            if (request.Span.IndexOf("EVALSHA"u8) >= 0)
            {
                lost = Interlocked.Exchange(ref _lost, null);
            }

            return Task.FromResult(true);
        }

        async Task<bool> Answer(ReadOnlyMemory<byte> answer)
        {
            if (lost is not null)
            {
                await lost();
            }

            return lost is null;
        }
    }

    async Task PumpAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, Task<bool>> pass)
    {
        var buffer = new byte[64 << 10];
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, _closed.Token)) > 0 && await pass(buffer.AsMemory(0, count)))
            {
                await to.WriteAsync(buffer.AsMemory(0, count), _closed.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has gone.
        }
    }
}
