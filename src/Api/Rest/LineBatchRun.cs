using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.Channels;
using Rnn.Api.Errors;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>
/// The calls of one stream of lines. A call takes a place before it is run and gives it back when its result is sent: a client
/// that doesn't read is not read from either.
/// </summary>
sealed class LineBatchRun(
    string model, BatchCall call, LineReader lines, PipeWriter output, int places, JsonSerializerOptions json, TimeProvider time) : IDisposable
{
    const int FlushBytes = 32 << 10;
    const string Stopping = "The server is stopping; what was read is answered.";

    static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    static readonly Result ProgressIsDue = new([], IsCall: false, IsFailed: false);

    readonly SemaphoreSlim _free = new(places, places);
    readonly Channel<Result> _results = Channel.CreateUnbounded<Result>(new() { SingleReader = true });
    readonly long _begin = time.GetTimestamp();
    long _done;
    long _failed;
    bool _isProgressDue;

    /// <param name="aborted">The client has left.</param>
    /// <param name="stopping">No more is to be read.</param>
    public async Task RunAsync(CancellationToken aborted, CancellationToken stopping)
    {
        var writing = WriteAsync(aborted);
        await using var progress = time.CreateTimer(_ => TellProgress(), state: null, ProgressInterval, ProgressInterval);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var reading = ReadAsync(end.Token, stopping);
        if (await Task.WhenAny(reading, writing) == writing)
        {
            await end.CancelAsync();                       // it ends first only if something is broken
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the host wants to read on
            await writing;
        }

        var error = await reading;
        _results.Writer.TryComplete();
        await writing;
        Write(new LastLine(_done, _failed, error));
        await output.FlushAsync(aborted);
    }

    public void Dispose() => _free.Dispose();

    /// <returns>Why the end of the request was not reached; null if it was.</returns>
    async Task<string?> ReadAsync(CancellationToken aborted, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        try
        {
            for (var index = 0L; await lines.ReadAsync(stop.Token) is { } line;)
            {
                if (line.IsTooLong || line.Bytes.AsSpan().ContainsAnyExcept(" \t\r"u8))
                {
                    await _free.WaitAsync(stop.Token);
                    _ = AnswerAsync(index++, line, aborted);
                }
            }

            return await AllSentAsync(null);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            return await AllSentAsync(Stopping);
        }
        catch (BadHttpRequestException exception) when (!aborted.IsCancellationRequested)
        {
            return await AllSentAsync(exception.Message);
        }

        async Task<string?> AllSentAsync(string? error)
        {
            for (var place = 0; place < places; place++)
            {
                await _free.WaitAsync(aborted);
            }

            return error;
        }
    }

    async Task AnswerAsync(long index, Line line, CancellationToken aborted)
    {
        CallId? id = null;
        try
        {
            if (line.IsTooLong)
            {
                throw EngineException.Input("", $"Line {line.Number} is longer than a body may be (Server:MaxBodyBytes).");
            }

            id = CallId.TakeFrom(line.Bytes);
            var told = await call(model, line.Bytes, aborted);
            _results.Writer.TryWrite(new(Render(index, id, "result", told.Document.Span), IsCall: true, IsFailed: false));
        }
        catch (Exception exception) when (PartProblem.Is(exception))
        {
            var fault = JsonFault.Of(exception) is { } text ? PartProblem.Moved(text, line.Number - 1, 0) : exception;
            var error = JsonSerializer.SerializeToUtf8Bytes(PartProblem.Of(fault, ""), json);
            _results.Writer.TryWrite(new(Render(index, id, "error", error), IsCall: true, IsFailed: true));
        }
        catch (Exception exception)
        {
            _results.Writer.TryComplete(exception);        // the writer ends with it, and so the request
        }
    }

    static byte[] Render(long index, CallId? id, string name, ReadOnlySpan<byte> document)
    {
        var line = new ArrayBufferWriter<byte>(document.Length + 64);
        using var writer = new Utf8JsonWriter(line);
        writer.WriteStartObject();
        writer.WriteNumber("index", index);
        if (id is { } named)
        {
            writer.WritePropertyName("id");
            writer.WriteRawValue(named.Text);
        }

        writer.WritePropertyName(name);
        writer.WriteRawValue(document, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return line.WrittenSpan.ToArray();
    }

    async Task WriteAsync(CancellationToken aborted)
    {
        await output.FlushAsync(aborted);
        while (await _results.Reader.WaitToReadAsync(aborted))
        {
            var sent = 0;
            for (var bytes = 0; bytes < FlushBytes && _results.Reader.TryRead(out var result); bytes += result.Line.Length)
            {
                if (!result.IsCall)
                {
                    Volatile.Write(ref _isProgressDue, false);
                    Write(new ProgressLine(new(_done, _failed, time.GetElapsedTime(_begin).TotalSeconds)));
                    continue;
                }

                sent++;
                _done++;
                _failed += result.IsFailed ? 1 : 0;
                output.Write(result.Line);
                output.Write("\n"u8);
            }

            await output.FlushAsync(aborted);
            if (sent > 0)
            {
                _free.Release(sent);
            }
        }
    }

    // One at a time: a client that doesn't read shall not find a heap of them.
    void TellProgress()
    {
        if (!Interlocked.Exchange(ref _isProgressDue, true))
        {
            _results.Writer.TryWrite(ProgressIsDue);
        }
    }

    void Write<T>(T line)
    {
        output.Write(JsonSerializer.SerializeToUtf8Bytes(line, json));
        output.Write("\n"u8);
    }

    readonly record struct Result(byte[] Line, bool IsCall, bool IsFailed);
}

/// <summary>How far a stream of lines is.</summary>
sealed record ProgressLine(Progress Progress);

/// <summary>How many lines are answered, with an error or without, how many with one, and the seconds since the beginning.</summary>
sealed record Progress(long Done, long Failed, double ElapsedSeconds);

/// <summary>The last line. An error says why the request was not read to its end.</summary>
sealed record LastLine(long Done, long Failed, string? Error = null);
