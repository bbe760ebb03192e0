using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>
/// One socket: messages are read into a queue and answered one after the other. While the queue is full nothing is read, so that
/// a client that doesn't read its answers comes to a halt itself.
/// </summary>
sealed class SocketRun : IDisposable
{
    const int SessionIsOver = 4410;
    const int FirstBufferBytes = 1_024;
    const int KeptBufferBytes = 64 << 10;

    // For the client to close its side.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    readonly WebSocket _socket;
    readonly SocketHello _hello;
    readonly Predictor _predictor;
    readonly ServerOptions _server;
    readonly TimeProvider _time;
    readonly JsonSerializerOptions _json;
    readonly Channel<Received> _queue;
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly CancellationTokenSource _lost = new();
    readonly ITimer _idle;
    ArrayBufferWriter<byte> _answer = new(FirstBufferBytes);
    WebSocketCloseStatus _endStatus = WebSocketCloseStatus.NormalClosure;
    string _endReason = "";
    bool _isClosing;

    public SocketRun(
        WebSocket socket, SocketHello hello, Predictor predictor, ServerOptions server, TimeProvider time, JsonSerializerOptions json)
    {
        (_socket, _hello, _predictor, _server, _time, _json) = (socket, hello, predictor, server, time, json);
        _queue = Channel.CreateBounded<Received>(new BoundedChannelOptions(hello.Window) { SingleReader = true, SingleWriter = true });
        _idle = time.CreateTimer(
            _ => _ = CloseAsync(WebSocketCloseStatus.NormalClosure, $"There was no message for {server.SocketIdleTimeout}."),
            state: null, server.SocketIdleTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs until one side closes.</summary>
    /// <param name="aborted">The connection is lost.</param>
    /// <param name="stopping">The server is.</param>
    public async Task RunAsync(CancellationToken aborted, CancellationToken stopping)
    {
        await using var gone = aborted.Register(_lost.Cancel);
        try
        {
            await SendAsync(JsonSerializer.SerializeToUtf8Bytes(_hello, _json));
            await using var stop = stopping.Register(() => _ = CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The server is stopping."));
            var answering = AnswerAllAsync();
            await ReadAllAsync();
            await answering;
            await CloseAsync(_endStatus, _endReason);
            await DrainAsync();
        }
        catch (Exception exception) when (IsLost(exception))
        {
            // The client has left, so there is nobody to tell.
        }

        while (_queue.Reader.TryRead(out var left))
        {
            left.Return();
        }
    }

    public void Dispose()
    {
        _idle.Dispose();
        _sending.Dispose();
        _lost.Dispose();
    }

    /// <summary>Reads until the client closes, or leaves, or sends what can't be taken.</summary>
    async Task ReadAllAsync()
    {
        try
        {
            while (await ReadAsync() is { } message)
            {
                _idle.Change(_server.SocketIdleTimeout, Timeout.InfiniteTimeSpan);
                if (!await TryQueueAsync(message))
                {
                    message.Return();
                    return;
                }
            }
        }
        catch (Exception exception) when (IsLost(exception))
        {
            await _lost.CancelAsync();                     // nobody is there to be answered: what is not begun is not applied
        }
        finally
        {
            _queue.Writer.TryComplete();
        }
    }

    /// <summary>Reads on without a use until the client has closed too: a connection that is cut with bytes unread may lose the close.</summary>
    async Task DrainAsync()
    {
        var buffer = new byte[FirstBufferBytes];
        while (_socket.State == WebSocketState.CloseSent)
        {
            await _socket.ReceiveAsync(buffer.AsMemory(), _lost.Token);
        }
    }

    async ValueTask<bool> TryQueueAsync(Received message)
    {
        while (await _queue.Writer.WaitToWriteAsync(_lost.Token))
        {
            if (_queue.Writer.TryWrite(message))
            {
                return true;
            }
        }

        return false;
    }

    /// <returns>The next message; null if there is none.</returns>
    async ValueTask<Received?> ReadAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        var length = 0;
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(length), _lost.Token);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                if (part.MessageType == WebSocketMessageType.Binary)
                {
                    (_endStatus, _endReason) = (WebSocketCloseStatus.InvalidMessageType, "Messages are JSON in text frames; this one is binary.");
                    return null;
                }

                if (length > _server.MaxBodyBytes)
                {
                    (_endStatus, _endReason) = (WebSocketCloseStatus.MessageTooBig, $"A message has {_server.MaxBodyBytes} bytes at most (Server:MaxBodyBytes).");
                    return null;
                }

                if (part.EndOfMessage)
                {
                    var message = new Received(buffer, length);
                    buffer = null;
                    return message;
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    async Task AnswerAllAsync()
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(_lost.Token))
            {
                var isOver = await AnswerAsync(message);
                message.Return();
                if (isOver || _isClosing)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (IsLost(exception))
        {
            await _lost.CancelAsync();
        }
        finally
        {
            _queue.Writer.TryComplete();
        }
    }

    /// <returns>Whether the session has ended, so that there is nothing more to answer.</returns>
    async ValueTask<bool> AnswerAsync(Received message)
    {
        CallId? id = null;
        string? place = null;
        try
        {
            var found = SocketMessage.Read(message.Span, out id);
            place = $"/{found.Operation}";
            var body = found.Body(message.Span, _json);
            var request = body.OnSession(new SessionCall { Id = _hello.Session });
            var told = await _predictor.TellAsync(body.Commit ? request with { Call = found.Key(message.Span) } : request, body, _lost.Token);
            Render(id, told);
            await SendAsync(_answer.WrittenMemory);
            return false;
        }
        catch (Exception exception) when (PartProblem.Is(exception))
        {
            var isOver = exception is EngineException { Kind: ErrorKind.SessionEnded or ErrorKind.SessionNotFound };
            RenderError(id, PartProblem.Of(exception, isOver ? "" : place ?? ""));
            await SendAsync(_answer.WrittenMemory);
            if (!isOver)
            {
                return false;
            }

            await CloseAsync((WebSocketCloseStatus)SessionIsOver, exception.Message);
            return true;
        }
    }

    /// <summary>The reply's own properties after those of the socket.</summary>
    void Render(CallId? id, Told told)
    {
        using var writer = Begin(id);
        if (told.Tag is not null)
        {
            writer.WriteString("tag", told.Tag);
        }

        if (told.IsReplayed)
        {
            writer.WriteBoolean("replayed", true);
        }

        writer.Flush();
        if (writer.BytesCommitted > 1)
        {
            _answer.Write(","u8);
        }

        _answer.Write(told.Document.Span[1..]);            // without its opening brace
    }

    void RenderError(CallId? id, Microsoft.AspNetCore.Mvc.ProblemDetails problem)
    {
        using var writer = Begin(id);
        writer.WritePropertyName("error");
        JsonSerializer.Serialize(writer, problem, _json);
        writer.WriteEndObject();
        writer.Flush();
    }

    Utf8JsonWriter Begin(CallId? id)
    {
        _answer.ResetWrittenCount();
        if (_answer.Capacity > KeptBufferBytes)
        {
            _answer = new ArrayBufferWriter<byte>(FirstBufferBytes);
        }

        // What is written is an object that the reply's text ends.
        var writer = new Utf8JsonWriter(_answer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        if (id is { } named)
        {
            writer.WritePropertyName("id"u8);
            writer.WriteRawValue(named.Text, skipInputValidation: true);
        }

        return writer;
    }

    async ValueTask SendAsync(ReadOnlyMemory<byte> message)
    {
        await _sending.WaitAsync(_lost.Token);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _lost.Token);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Closes this side, and the connection too if the other side doesn't follow. Only the first call does.</summary>
    async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        const int MaxReasonLength = 120;                   // of the 123 bytes that a close frame has for it

        if (Interlocked.Exchange(ref _isClosing, true))
        {
            return;
        }

        try
        {
            _lost.CancelAfter(Grace);
            await _sending.WaitAsync(_lost.Token);
            try
            {
                await _socket.CloseOutputAsync(status, reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason, _lost.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception exception) when (IsLost(exception) || exception is ObjectDisposedException)
        {
            _socket.Abort();                               // it is gone, or doesn't read
        }
    }

    /// <summary>Whether the connection is gone: what a broken one throws, or being told so.</summary>
    static bool IsLost(Exception exception) => exception is WebSocketException or IOException or OperationCanceledException;

    /// <summary>A message in a rented buffer.</summary>
    readonly record struct Received(byte[] Buffer, int Length)
    {
        public ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Length);

        public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
    }
}
