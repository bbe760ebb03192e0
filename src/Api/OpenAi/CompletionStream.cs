using System.Text.Json;
using Rnn.Engine;
using Serilog;

namespace Rnn.Api.OpenAi;

/// <summary>
/// A completion as data-only events: a chunk for each token, one for the end of each choice, one for the usage if that is wanted, and
/// <c>[DONE]</c>. An error in the midst of it is the last event.
/// </summary>
sealed class CompletionStream(
    CompletionRun run, IAsyncEnumerator<CompletionPiece> pieces, Completion head, bool tellsLogprobs, JsonSerializerOptions json,
    StreamTime time, IDiagnosticContext log)
{
    const string Done = "[DONE]";

    bool _goesOn;

    /// <summary>Runs up to the first token, so that what can't be run still gets a status of its own.</summary>
    /// <exception cref="EngineException">It can't be run.</exception>
    public async Task BeginAsync()
    {
        try
        {
            _goesOn = await pieces.MoveNextAsync();
        }
        catch (OperationCanceledException) when (time.Reason is { } reason)
        {
            throw new EngineException(ErrorKind.Overloaded, reason);
        }
    }

    public async IAsyncEnumerable<string> RunAsync()
    {
        string? error = null;
        while (_goesOn)
        {
            yield return ChunkOf(pieces.Current);
            error = await NextAsync();
        }

        log.Set("Steps", run.Usage.TotalTokens);
        if (error is not null)
        {
            yield return error;
            yield break;
        }

        if (head is CountedCompletion)
        {
            yield return Render(head with { Usage = run.Usage });
        }

        yield return Done;
    }

    /// <returns>What to end with, if it can't go on.</returns>
    async ValueTask<string?> NextAsync()
    {
        try
        {
            _goesOn = await pieces.MoveNextAsync();
            return null;
        }
        catch (EngineException exception)
        {
            return ErrorOf(exception);                     // the status is long sent; the stream itself must say it
        }
        catch (OperationCanceledException) when (time.Reason is { } reason)
        {
            return ErrorOf(new EngineException(ErrorKind.Overloaded, reason));
        }
    }

    string ErrorOf(EngineException exception)
    {
        _goesOn = false;
        return JsonSerializer.Serialize(OpenAiError.Of(exception), json);
    }

    string ChunkOf(CompletionPiece piece) => Render(head with
    {
        Choices =
        [
            new()
            {
                Text = piece.Token?.Text ?? "",
                Index = piece.Index,
                Logprobs = tellsLogprobs && piece.Token is not null ? CompletionLogprobs.Of([piece]) : null,
                FinishReason = piece.FinishReason,
            },
        ],
    });

    string Render(Completion chunk) => JsonSerializer.Serialize(chunk, chunk.GetType(), json);
}
