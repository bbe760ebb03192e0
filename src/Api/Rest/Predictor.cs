using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Prediction;
using Serilog;

namespace Rnn.Api.Rest;

/// <summary>
/// Runs a prediction and tells what came of it. A session is committed first and the reply follows, so that a reply means
/// kept; a stream commits what it has sent.
/// </summary>
sealed class Predictor(InferenceEngine engine, IHostApplicationLifetime lifetime, IDiagnosticContext log)
{
    public async Task<Ok<PredictionResponse>> PredictAsync(InferenceRequest request, PredictionRequest body, CancellationToken aborted)
    {
        using var run = await engine.StartAsync(request, aborted);
        var outputs = new List<OutputDocument>();
        await foreach (var timestep in run.RunAsync(aborted))
        {
            outputs.Add(OutputDocument.From(timestep.Output, run.Model.Output is NextTokenHead));
        }

        Commit(run);
        return TypedResults.Ok(new PredictionResponse
        {
            Model = run.Model.Name,
            Version = run.Model.Version,
            Session = run.Session,
            Step = run.State.Step,
            Output = outputs[^1],
            Outputs = request.Readout == Readout.All ? outputs : null,
            State = body.ReturnState ? StateDocument.From(run.State) : null,
        });
    }

    public async Task<IResult> GenerateAsync(
        InferenceRequest request, GenerateRequest body, HttpContext http)
    {
        var run = await engine.StartAsync(request, http.RequestAborted);
        http.Response.RegisterForDispose(run);             // a stream outlives this method
        return body.Stream
            ? TypedResults.ServerSentEvents(StreamAsync(run, body, http.RequestAborted))
            : TypedResults.Ok(await CollectAsync(run, body, http.RequestAborted));
    }

    async Task<GenerationResponse> CollectAsync(InferenceRun run, GenerateRequest body, CancellationToken aborted)
    {
        var outputs = new List<Output>();
        await foreach (var timestep in run.RunAsync(aborted))
        {
            outputs.Add(timestep.Output);
        }

        Commit(run);
        var drawsText = run.Model.Output is NextTokenHead;
        return new GenerationResponse
        {
            Model = run.Model.Name,
            Version = run.Model.Version,
            Session = run.Session,
            Step = run.State.Step,
            Text = drawsText ? string.Concat(outputs.OfType<Generated>().Select(output => output.Text)) : null,
            Values = drawsText ? null : [.. outputs.OfType<ValueVector>().Select(output => output.Values)],
            Finish = NameOf(run.Finish),
            Seed = run.Seed,
            State = body.ReturnState ? StateDocument.From(run.State) : null,
        };
    }

    async IAsyncEnumerable<SseItem<GenerationEvent>> StreamAsync(
        InferenceRun run, GenerateRequest body, [EnumeratorCancellation] CancellationToken aborted)
    {
        // A stream must not hold the process back when it stops.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        await using var timesteps = run.RunAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        string? error = null;
        try
        {
            while (true)
            {
                try
                {
                    if (!await timesteps.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (EngineException exception)
                {
                    error = exception.Message;         // the status is long sent; the stream itself must say it
                    break;
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    error = "The server is stopping.";
                    break;
                }

                yield return new SseItem<GenerationEvent>(EventOf(timesteps.Current));
            }
        }
        finally
        {
            Commit(run);
        }

        yield return error is null
            ? new SseItem<GenerationEvent>(
                new()
                {
                    Step = run.State.Step,
                    Finish = NameOf(run.Finish),
                    Seed = run.Seed,
                    State = body.ReturnState ? StateDocument.From(run.State) : null,
                },
                "end")
            : new SseItem<GenerationEvent>(new() { Step = run.State.Step, Error = error }, "error");
    }

    void Commit(InferenceRun run)
    {
        run.Commit();
        log.Set("Model", run.Model.Name);
        log.Set("Steps", run.Steps);
        if (run.Session is not null)
        {
            log.Set("Session", run.Session);
        }
    }

    static GenerationEvent EventOf(Timestep timestep) => timestep.Output switch
    {
        Generated generated => new()
        {
            Step = timestep.Step,
            Text = generated.Text,
            Token = generated.Token,
            Probability = generated.Probability,
        },
        ValueVector values => new() { Step = timestep.Step, Values = values.Values },
        var other => throw new UnreachableException($"No event for {other.GetType()}. This is a bug."),
    };

    static string NameOf(FinishReason? finish) => finish switch
    {
        FinishReason.Length => "length",
        FinishReason.Stop => "stop",
        FinishReason.End => "end",
        _ => throw new UnreachableException("The generation has not ended. This is a bug."),
    };
}
