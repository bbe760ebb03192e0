using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Prediction;

namespace Rnn.Api.OpenAi;

/// <summary>What a choice goes on with: a token, or its end.</summary>
/// <param name="Index">The choice.</param>
/// <param name="Offset">Where its text has got to, in Unicode code points.</param>
/// <param name="Token">The token; null at the end.</param>
/// <param name="FinishReason">Why it ended; null before.</param>
readonly record struct CompletionPiece(int Index, int Offset, Generated? Token, string? FinishReason);

/// <summary>Runs the prompts of a completion side by side. Answers and streams are both made of its pieces.</summary>
sealed class CompletionRun(InferenceEngine engine, CompletionCall call, int inFlight)
{
    readonly int[] _offsets = new int[call.Requests.Count * call.N];
    long _promptTokens;
    long _completionTokens;

    /// <summary>How many choices there are in all.</summary>
    public int Choices => _offsets.Length;

    /// <summary>The tokens of all that has ended.</summary>
    public Usage Usage => new() { PromptTokens = _promptTokens, CompletionTokens = _completionTokens };

    /// <summary>The pieces of all choices: those of one in their order, those of several as they come.</summary>
    /// <exception cref="EngineException">A prompt can't be completed.</exception>
    public IAsyncEnumerable<CompletionPiece> RunAsync(CancellationToken aborted)
    {
        engine.Admit(call.Model, call.Requests.Count);
        return call.Requests.Count == 1 ? CompleteAsync(0, aborted) : CompleteAllAsync(aborted);
    }

    async IAsyncEnumerable<CompletionPiece> CompleteAllAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        // A client that does not read is not generated for.
        var pieces = Channel.CreateBounded<CompletionPiece>(new BoundedChannelOptions(1) { SingleReader = true });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var completing = CompleteAllAsync(pieces.Writer, end.Token);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(aborted))
            {
                yield return piece;
            }
        }
        finally
        {
            await end.CancelAsync();
            await completing;
        }
    }

    /// <summary>Does not throw: what goes wrong is told to the reader.</summary>
    async Task CompleteAllAsync(ChannelWriter<CompletionPiece> pieces, CancellationToken aborted)
    {
        try
        {
            await Parallel.ForAsync(
                0,
                call.Requests.Count,
                new ParallelOptions { MaxDegreeOfParallelism = inFlight, CancellationToken = aborted },
                async (prompt, aborted) =>
                {
                    await foreach (var piece in CompleteAsync(prompt, aborted))
                    {
                        await pieces.WriteAsync(piece, aborted);
                    }
                });
            pieces.Complete();
        }
        catch (Exception exception)
        {
            pieces.Complete(exception);
        }
    }

    async IAsyncEnumerable<CompletionPiece> CompleteAsync(int prompt, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var run = await StartAsync(prompt, aborted);
        var first = prompt * call.N;
        var isScore = call.Requests[prompt].ScoredTop is not null;
        var (told, steps, given) = (0L, 0L, 0L);
        await foreach (var timestep in run.RunAsync(aborted))
        {
            var token = (Generated)timestep.Output;
            var isGiven = token.Probability is null;
            told += isGiven ? 0 : 1;
            steps += isGiven || timestep.Choice > 0 || token.Token is null ? 0 : 1;
            token = isScore && given == 0 ? token with { Score = new(LogProbability: null, []) } : token;      // as an echo has it
            given += isGiven ? 1 : 0;
            foreach (var choice in isScore ? Enumerable.Range(0, call.Echoes ? call.N : 0) : [timestep.Choice])
            {
                yield return PieceOf(first + choice, token);
            }
        }

        run.ExpectFinite();
        Interlocked.Add(ref _promptTokens, isScore ? given : run.Steps - steps);
        Interlocked.Add(ref _completionTokens, told);
        for (var choice = 0; choice < call.N; choice++)
        {
            yield return new(first + choice, _offsets[first + choice], Token: null, ReasonOf(run, choice));
        }
    }

    async Task<InferenceRun> StartAsync(int prompt, CancellationToken aborted)
    {
        try
        {
            return await engine.StartAsync(call.Requests[prompt] with { IsPart = call.Requests.Count > 1 }, aborted);
        }
        catch (EngineException exception) when (TextInputs.IsAtFault(exception))
        {
            throw new EngineException(exception.Kind, exception.Message, call.Prompts.PointerOf("prompt", prompt));
        }
    }

    CompletionPiece PieceOf(int index, Generated token)
    {
        var offset = _offsets[index];
        _offsets[index] += token.Text.EnumerateRunes().Count();
        return new(index, offset, token, FinishReason: null);
    }

    /// <summary>A text that was only read has the length that was asked for.</summary>
    static string ReasonOf(InferenceRun run, int choice) =>
        (run.Choices is [] ? run.Finish : run.Choices[choice].Finish) is null or FinishReason.Length ? "length" : "stop";
}
