using System.Buffers;
using System.Diagnostics;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Prediction;
using Serilog;

namespace Rnn.Api.Rest;

/// <summary>
/// A generation as server-sent events. A timestep is committed and then sent, one after the other, so that a session is never
/// behind what its client was told; cut off, it is at the last timestep that was sent.
/// </summary>
sealed class GenerationStream(
    InferenceRun run, InferenceRequest request, GenerateRequest body, StateForms states, JsonOptions json, ServerOptions server,
    IHostApplicationLifetime lifetime, IDiagnosticContext log)
{
    const string Overtaken = "Another server has moved the session.";

    readonly List<SseItem<GenerationEvent>> _sent = [];    // only of a call with a key, to be told again
    IAsyncEnumerator<Timestep>? _timesteps;
    long _committed = run.State.Step;
    long? _traced;                                         // up to which step what was computed is sent
    bool _hasSent;
    bool _isTold;                                          // to its end
    bool _isOut;                                           // the session is not ours any more, or we can't tell
    string? _error;

    public async IAsyncEnumerable<SseItem<GenerationEvent>> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        using var time = new StreamTime(lifetime, server, aborted);
        _timesteps = run.RunAsync(time.Token).GetAsyncEnumerator(time.Token);
        try
        {
            while (await NextAsync(time) is { } timestep)
            {
                yield return Sent(new(EventOf(timestep)));
            }

            yield return Sent(await EndAsync());
        }
        finally
        {
            await _timesteps.DisposeAsync();
            log.Set("Steps", run.Answer is null ? run.Steps : 0);
            if (request.Call is not null && _sent is [.., { EventType: not ("end" or "error") }])
            {
                await EndAsync();                          // the client has left: that was the answer
            }
        }
    }

    /// <returns>The next timestep, committed; null if there is none.</returns>
    async ValueTask<Timestep?> NextAsync(StreamTime time)
    {
        try
        {
            while (await _timesteps!.MoveNextAsync())
            {
                if (run.State.Step == _committed || await CommitAsync())
                {
                    (_committed, _hasSent) = (run.State.Step, true);
                    return _timesteps.Current;
                }

                if (_hasSent)
                {
                    _error = Overtaken;
                    break;
                }

                await run.BeginAgainAsync(time.Token);           // nothing is sent yet
                if (run.Answer is not null)
                {
                    _error = "Another server has answered this call; send it again to be told the answer.";
                    break;
                }

                await _timesteps.DisposeAsync();
                _timesteps = run.RunAsync(time.Token).GetAsyncEnumerator(time.Token);
                (_committed, _isOut) = (run.State.Step, false);
            }

            _isTold = _error is null;
        }
        catch (EngineException exception)
        {
            _error = exception.Message;                    // the status is long sent; the stream itself must say it
        }
        catch (OperationCanceledException) when (time.Reason is { } reason)
        {
            _error = reason;
        }

        return null;
    }

    /// <summary>Nothing more may be committed after a commit that did not succeed, or whose outcome is not known.</summary>
    async ValueTask<bool> CommitAsync(ReadOnlyMemory<byte> answer = default)
    {
        _isOut = true;
        var isKept = await run.CommitAsync(MediaTypeNames.Text.EventStream, answer);
        _isOut = !isKept;
        return isKept;
    }

    /// <summary>
    /// The last event; of a call with a key, all of them are kept, unless it has failed before there were any. What was read is
    /// kept also if nothing was told of it.
    /// </summary>
    async Task<SseItem<GenerationEvent>> EndAsync()
    {
        if ((request.Call is null && run.State.Step == _committed) || _isOut || (_error is not null && !_hasSent))
        {
            return LastEvent();
        }

        _error ??= _isTold ? null : "The stream was cut off here.";
        try
        {
            using var bytes = new MemoryStream();
            await SseFormatter.WriteAsync(
                _sent.Append(LastEvent()).ToAsyncEnumerable(),
                bytes,
                (item, writer) => writer.Write(JsonSerializer.SerializeToUtf8Bytes(item.Data, json.SerializerOptions)));
            _error = await CommitAsync(bytes.ToArray()) ? _error : Overtaken;
        }
        catch (EngineException exception)
        {
            _error = exception.Message;
        }

        return LastEvent();
    }

    SseItem<GenerationEvent> LastEvent() => _error is null
        ? new(
            new()
            {
                Step = run.State.Step,
                Finish = FinishReasons.NameOf(run.Finish),
                Seed = run.Seed,
                Trace = TraceDocument.FindingsOf(run),
                Choices = TellsChoices ? [.. run.Choices.Select(ChoiceDocument.From)] : null,
                Replayed = run.Replayed,
                State = body.ReturnState ? states.Document(run.State) : null,
            },
            "end")
        : new(new() { Step = _committed, Error = _error }, "error");

    SseItem<GenerationEvent> Sent(SseItem<GenerationEvent> item)
    {
        if (request.Call is not null)
        {
            _sent.Add(item);
        }

        return item;
    }

    bool TellsChoices => request.Generation!.TellsChoices;

    GenerationEvent EventOf(Timestep timestep)
    {
        var trace = TraceDocument.After(run, _traced ?? run.State.Step - run.Steps);
        _traced = run.State.Step;
        return EventOf(timestep, trace);
    }

    GenerationEvent EventOf(Timestep timestep, TraceDocument? trace) => timestep.Output switch
    {
        Generated generated => new()
        {
            Step = timestep.Step,
            Text = generated.Text,
            Token = generated.Token,
            Probability = generated.Probability,
            LogProbability = generated.Score?.LogProbability,
            Top = TokenDocument.TopOf(generated),
            Choice = TellsChoices ? timestep.Choice : null,
            Trace = trace,
        },
        ValueVector values => new() { Step = timestep.Step, Values = values.Values, Trace = trace },
        var other => throw new UnreachableException($"No event for {other.GetType()}. This is a bug."),
    };
}
