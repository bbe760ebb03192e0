using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Rnn.Bench.Load;

/// <summary>
/// One session's socket that is sent a step at each of its times, whether or not the last ones are answered: a sensor does not
/// wait either. A latency counts from the time at which the step was due, so that a late sending can't hide.
/// </summary>
sealed class SocketLoop(ClientWebSocket socket, string step, int window, double perSecond, double phase, Failures failures) : IDisposable
{
    readonly SemaphoreSlim _unanswered = new(window, window);
    readonly byte[] _buffer = new byte[64 << 10];
    readonly CancellationTokenSource _end = new();
    long _start;

    /// <summary>From when a step was due to its answer.</summary>
    public Histogram Latency { get; } = new();

    /// <summary>Opens a session's socket.</summary>
    /// <param name="url">The socket.</param>
    /// <param name="step">The call's body.</param>
    /// <param name="perSecond">Steps in a second.</param>
    /// <param name="phase">When the first is due, as a share of the time between two.</param>
    /// <param name="failures">Takes what goes wrong.</param>
    public static async Task<SocketLoop> OpenAsync(Uri url, string step, double perSecond, double phase, Failures failures)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(url, CancellationToken.None);
        var buffer = new byte[4096];
        var hello = await socket.ReceiveAsync(buffer, CancellationToken.None);
        using var document = JsonDocument.Parse(buffer.AsMemory(0, hello.Count));
        return new(socket, step, document.RootElement.GetProperty("window").GetInt32(), perSecond, phase, failures);
    }

    public async Task RunAsync(Window window)
    {
        _start = Stopwatch.GetTimestamp();
        try
        {
            var receiving = ReceiveAsync(window);
            for (var n = 0L; !window.IsOver(Due(n)) && !receiving.IsCompleted; n++)
            {
                await Window.UntilAsync(Due(n));
                await _unanswered.WaitAsync(_end.Token);
                await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"id":{{n}},"step":{{step}}}"""), WebSocketMessageType.Text, endOfMessage: true, _end.Token);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            await receiving;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            failures.Add(exception.Message);
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _unanswered.Dispose();
        _end.Dispose();
    }

    async Task ReceiveAsync(Window window)
    {
        try
        {
            for (var n = 0L; await NextAsync() is { Length: > 0 } answer; n++)
            {
                var now = Stopwatch.GetTimestamp();
                _unanswered.Release();
                if (!answer.Span.StartsWith(Encoding.UTF8.GetBytes($$"""{"id":{{n}},""")) || answer.Span.IndexOf("\"error\":"u8) >= 0)
                {
                    failures.Add($"Answer {n} is {Encoding.UTF8.GetString(answer.Span)}");
                }
                else if (window.Contains(now))
                {
                    Latency.Record(now - Due(n));
                }
            }
        }
        finally
        {
            await _end.CancelAsync();
        }
    }

    /// <returns>The next message; nothing if the server has closed.</returns>
    async Task<ReadOnlyMemory<byte>> NextAsync()
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return default;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return _buffer.AsMemory(0, length);
            }
        }
    }

    long Due(long n) => _start + (long)((n + phase) / perSecond * Stopwatch.Frequency);
}
