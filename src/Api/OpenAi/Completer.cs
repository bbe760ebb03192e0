using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Security;
using Rnn.Engine;
using Rnn.Engine.Scheduling;
using Serilog;

namespace Rnn.Api.OpenAi;

/// <summary>Answers completions, as a whole or as a stream.</summary>
sealed class Completer(
    InferenceEngine engine, RequestLimits limits, ServerOptions server, BatchOptions batching, IOptions<JsonOptions> json, TimeProvider time,
    IHostApplicationLifetime lifetime, IDiagnosticContext log)
{
    public async Task<IResult> CompleteAsync(CompletionRequest body, HttpContext http)
    {
        var call = CompletionCall.Of(body, engine, limits, server);
        log.Set("Model", call.Model.Name);
        var run = new CompletionRun(engine, call, batching.InFlight);
        return body.Stream == true
            ? await StreamAsync(run, call, HeadOf(call, body.StreamOptions?.IncludeUsage == true), http)
            : await AnswerAsync(run, call, HeadOf(call, tellsUsage: false), http.RequestAborted);
    }

    async Task<Ok<Completion>> AnswerAsync(CompletionRun run, CompletionCall call, Completion head, CancellationToken aborted)
    {
        var pieces = new List<CompletionPiece>[run.Choices];
        await foreach (var piece in run.RunAsync(aborted))
        {
            (pieces[piece.Index] ??= []).Add(piece);
        }

        log.Set("Steps", run.Usage.TotalTokens);
        return TypedResults.Ok(head with { Choices = [.. pieces.Select(choice => ChoiceOf(choice, call.TellsLogprobs))], Usage = run.Usage });
    }

    async Task<ServerSentEventsResult<string>> StreamAsync(CompletionRun run, CompletionCall call, Completion head, HttpContext http)
    {
        var life = new StreamTime(lifetime, server, http.RequestAborted);
        http.Response.RegisterForDispose(life);
        var pieces = run.RunAsync(life.Token).GetAsyncEnumerator(life.Token);
        http.Response.RegisterForDisposeAsync(pieces);
        var stream = new CompletionStream(run, pieces, head, call.TellsLogprobs, json.Value.SerializerOptions, life, log);
        await stream.BeginAsync();
        http.AnswersBitByBit();
        return TypedResults.ServerSentEvents(stream.RunAsync());
    }

    Completion HeadOf(CompletionCall call, bool tellsUsage)
    {
        var (id, created) = ($"cmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        var fingerprint = $"fp_{call.Model.Layout.Fingerprint}";
        return tellsUsage
            ? new CountedCompletion { Id = id, Created = created, Model = call.Model.Name, SystemFingerprint = fingerprint }
            : new Completion { Id = id, Created = created, Model = call.Model.Name, SystemFingerprint = fingerprint };
    }

    static CompletionChoice ChoiceOf(List<CompletionPiece> pieces, bool tellsLogprobs)
    {
        var (tokens, end) = (pieces[..^1], pieces[^1]);
        return new()
        {
            Text = string.Concat(tokens.Select(piece => piece.Token!.Text)),
            Index = end.Index,
            Logprobs = tellsLogprobs ? CompletionLogprobs.Of(tokens) : null,
            FinishReason = end.FinishReason,
        };
    }
}
