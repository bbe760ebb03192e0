using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Security;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Serilog;

namespace Rnn.Api.Rest;

/// <summary>
/// Runs a prediction and tells what came of it. A session is committed first, together with the answer if the call has a key,
/// and the reply follows, so that a reply means kept.
/// </summary>
sealed class Predictor(
    InferenceEngine engine, StateForms states, IOptions<JsonOptions> json, ServerOptions server, IHostApplicationLifetime lifetime, IDiagnosticContext log)
{
    public Task<IResult> PredictAsync(InferenceRequest request, PredictionRequest body, HttpContext http) =>
        AnswerAsync(request, http, run => PredictAsync(run, request, body, http.RequestAborted));

    public Task<IResult> ScoreAsync(InferenceRequest request, HttpContext http) =>
        AnswerAsync(request, http, run => ScoreAsync(run, http.RequestAborted));

    public Task<IResult> ObserveAsync(InferenceRequest request, ObserveRequest body, HttpContext http) =>
        AnswerAsync(request, http, run => ObserveAsync(run, body, http.RequestAborted));

    public async Task<IResult> GenerateAsync(InferenceRequest request, GenerateRequest body, HttpContext http)
    {
        if (!body.Stream)
        {
            return await AnswerAsync(request, http, run => GenerateAsync(run, request, body, http.RequestAborted));
        }

        var run = await engine.StartAsync(request, http.RequestAborted);
        http.AnswersBitByBit();
        http.Response.RegisterForDispose(run);             // a stream outlives this method
        Log(run);
        return run.Answer is { } answer
            ? new Replay(answer)
            : TypedResults.ServerSentEvents(new GenerationStream(run, request, body, states, json.Value, server, lifetime, log).RunAsync(http.RequestAborted));
    }

    /// <summary>A call with no HTTP of its own: one of a batch, or of a socket.</summary>
    /// <exception cref="EngineException">It can't be run, or asks for a stream.</exception>
    public async Task<Told> TellAsync(InferenceRequest request, PredictionRequest body, CancellationToken aborted)
    {
        if (body is GenerateRequest { Stream: true })
        {
            throw EngineException.Input("/stream", "There is no stream within a stream; leave it out, or post to generate.");
        }

        return await TellAsync<RunResponse>(
            request,
            async run => body switch
            {
                GenerateRequest generate => await GenerateAsync(run, request, generate, aborted),
                ObserveRequest observe => await ObserveAsync(run, observe, aborted),
                _ => await PredictAsync(run, request, body, aborted),
            },
            aborted);
    }

    /// <summary>A score with no HTTP of its own.</summary>
    /// <exception cref="EngineException">It can't be run.</exception>
    public Task<Told> TellScoreAsync(InferenceRequest request, CancellationToken aborted) =>
        TellAsync(request, run => ScoreAsync(run, aborted), aborted);

    async Task<Told> TellAsync<T>(InferenceRequest request, Func<InferenceRun, Task<T>> tell, CancellationToken aborted)
        where T : class
    {
        using var run = await engine.StartAsync(request, aborted);
        var (response, kept) = await RunAsync(run, request, tell, aborted);
        return run.Answer is { } answer
            ? new(answer.Body, answer.Tag, IsReplayed: true)
            : new(
                request.Call is null ? Render(response!) : kept,
                run.Session?.Tag,
                IsReplayed: false);
    }

    async Task<IResult> AnswerAsync<T>(InferenceRequest request, HttpContext http, Func<InferenceRun, Task<T>> tell)
        where T : class
    {
        using var run = await engine.StartAsync(request, http.RequestAborted);
        var (response, kept) = await RunAsync(run, request, tell, http.RequestAborted);
        Log(run);
        if (run.Answer is not null)
        {
            return new Replay(run.Answer);
        }

        log.Set("Steps", run.Steps);
        if (run.Session is not null)
        {
            http.Response.SetTag(run.Session.Tag);
        }

        return request.Call is not null ? TypedResults.Bytes(kept, MediaTypeNames.Application.Json)
            : response is TracedResponse { Trace: not null } traced && StateBody.IsBinaryWanted(http.Request)
                ? TypedResults.Bytes(TraceTensors.Write(run.TraceAfter(), traced, json.Value.SerializerOptions), StateBody.BinaryType)
                : TypedResults.Ok(response);
    }

    /// <summary>Runs, and runs again if another server was first, until the session is committed.</summary>
    /// <returns>The reply, and as it is kept if the call has a key; none if the run has found the answer given before.</returns>
    async Task<(T? Response, byte[] Kept)> RunAsync<T>(
        InferenceRun run, InferenceRequest request, Func<InferenceRun, Task<T>> tell, CancellationToken aborted)
        where T : class
    {
        while (run.Answer is null)
        {
            var response = await tell(run);
            var kept = request.Call is null ? [] : Render(response);
            aborted.ThrowIfCancellationRequested();
            if (await run.CommitAsync(MediaTypeNames.Application.Json, kept))
            {
                return (response, kept);
            }

            await run.BeginAgainAsync(aborted);
        }

        return (null, []);
    }

    byte[] Render(object response) => JsonSerializer.SerializeToUtf8Bytes(response, response.GetType(), json.Value.SerializerOptions);

    async Task<PredictionResponse> PredictAsync(InferenceRun run, InferenceRequest request, PredictionRequest body, CancellationToken aborted)
    {
        var outputs = new List<OutputDocument>();
        await foreach (var timestep in run.RunAsync(aborted))
        {
            outputs.Add(OutputDocument.From(timestep.Output, run.Model.Output is NextTokenHead));
        }

        return new()
        {
            Model = run.Model.Name,
            Version = run.Model.Version,
            Session = run.Session?.Id,
            Committed = body.Commit ? null : false,
            Step = run.State.Step,
            Replayed = run.Replayed,
            Output = outputs[^1],
            Outputs = request.Readout == Readout.All ? WithWords(run.Model, request.Input, outputs) : null,
            Trace = TraceDocument.Of(run),
            State = body.ReturnState ? states.Document(run.State) : null,
        };
    }

    async Task<ObservationResponse> ObserveAsync(InferenceRun run, ObserveRequest body, CancellationToken aborted)
    {
        var (predicted, comparison, next) = (Observation)(await run.RunAsync(aborted).SingleAsync(aborted)).Output;
        return new()
        {
            Model = run.Model.Name,
            Version = run.Model.Version,
            Session = run.Session?.Id,
            Committed = body.Commit ? null : false,
            Step = run.State.Step,
            Replayed = run.Replayed,
            Predicted = predicted is null ? null : OutputDocument.From(predicted, areTokens: false),
            Comparison = comparison is null ? null : ComparisonDocument.From(comparison),
            Output = OutputDocument.From(next, areTokens: false),
            State = body.ReturnState ? states.Document(run.State) : null,
        };
    }

    static IReadOnlyList<OutputDocument> WithWords(RecurrentModel model, ModelInput input, IReadOnlyList<OutputDocument> outputs) =>
        model.Input is WordFeatureCodec
            ? [.. outputs.Zip(WordFeatureCodec.WordsOf(input), (output, word) => output with { Word = word })]
            : outputs;

    async Task<GenerationResponse> GenerateAsync(InferenceRun run, InferenceRequest request, GenerateRequest body, CancellationToken aborted)
    {
        var timesteps = new List<Timestep>();
        await foreach (var timestep in run.RunAsync(aborted))
        {
            timesteps.Add(timestep);
        }

        var drawsText = run.Model.Output is NextTokenHead;
        var choices = timesteps.Where(timestep => timestep.Output is Generated).ToLookup(timestep => timestep.Choice, timestep => (Generated)timestep.Output);
        return new()
        {
            Model = run.Model.Name,
            Version = run.Model.Version,
            Session = run.Session?.Id,
            Committed = body.Commit ? null : false,
            Step = run.State.Step,
            Replayed = run.Replayed,
            Text = drawsText ? TextOf(choices[0]) : null,
            Values = drawsText ? null : [.. timesteps.Select(timestep => timestep.Output).OfType<ValueVector>().Select(output => output.Values)],
            Finish = FinishReasons.NameOf(run.Finish),
            Seed = run.Seed,
            Tokens = TokensOf(choices[0], body),
            Choices = !request.Generation!.TellsChoices ? null :
            [
                .. run.Choices.Select((choice, index) => ChoiceDocument.From(choice, index) with
                {
                    Text = TextOf(choices[index]),
                    Tokens = TokensOf(choices[index], body),
                }),
            ],
            Trace = TraceDocument.Of(run),
            State = body.ReturnState ? states.Document(run.State) : null,
        };
    }

    static string TextOf(IEnumerable<Generated> tokens) => string.Concat(tokens.Select(token => token.Text));

    static IReadOnlyList<TokenDocument>? TokensOf(IEnumerable<Generated> tokens, GenerateRequest body) =>
        body.LogProbabilities is null ? null : [.. tokens.Select(TokenDocument.From)];

    static async Task<ScoreResponse> ScoreAsync(InferenceRun run, CancellationToken aborted)
    {
        var tokens = new List<TokenDocument>();
        await foreach (var timestep in run.RunAsync(aborted))
        {
            tokens.Add(TokenDocument.From((Generated)timestep.Output));
        }

        var score = run.Score!;
        return new()
        {
            Model = run.Model.Name,
            Version = run.Model.Version,
            Session = run.Session?.Id,
            Step = run.State.Step,
            LogProbability = score.LogProbability,
            Scored = score.Tokens,
            Perplexity = score.Perplexity,
            BitsPerToken = score.BitsPerToken,
            Tokens = tokens,
        };
    }

    void Log(InferenceRun run)
    {
        log.Set("Model", run.Model.Name);
        if (run.Session is not null)
        {
            log.Set("Session", run.Session.Id);
        }
    }
}
