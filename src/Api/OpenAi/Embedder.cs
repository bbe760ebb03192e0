using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Engine;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;
using Serilog;

namespace Rnn.Api.OpenAi;

/// <summary>Embeds texts: each is read from the zero state, and the state that is left tells what it was.</summary>
sealed class Embedder(InferenceEngine engine, ServerOptions server, BatchOptions batching, IDiagnosticContext log)
{
    public async Task<Ok<EmbeddingResponse>> EmbedAsync(EmbeddingRequest body, HttpContext http)
    {
        var (model, inputs) = Check(body);
        log.Set("Model", model.Name);
        var isBase64 = body.EncodingFormat == "base64";
        engine.Admit(model, inputs.All.Count);
        var embeddings = new EmbeddingDocument[inputs.All.Count];
        var tokens = 0L;
        await Parallel.ForAsync(
            0,
            embeddings.Length,
            new ParallelOptions { MaxDegreeOfParallelism = batching.InFlight, CancellationToken = http.RequestAborted },
            async (index, aborted) =>
            {
                using var run = await StartAsync(model, inputs, index, aborted);
                await run.RunAsync(aborted).LastAsync(aborted);
                run.ExpectFinite();
                embeddings[index] = new() { Index = index, Embedding = new(run.State.Embed(), isBase64) };
                Interlocked.Add(ref tokens, run.Steps);
            });
        log.Set("Steps", tokens);
        return TypedResults.Ok(new EmbeddingResponse { Data = embeddings, Model = model.Name, Usage = new() { PromptTokens = tokens } });
    }

    (RecurrentModel Model, TextInputs Inputs) Check(EmbeddingRequest body)
    {
        var model = ModelList.Draw(engine.Models, body.Model ?? throw EngineException.Input("/model", "model is missing; GET /v1/models lists what there is."));
        if (model.EmbeddingSize == 0)
        {
            throw new EngineException(ErrorKind.NotSupported, $"Model '{model.Name}' keeps no state of a text that could be told; it offers completions.");
        }

        if (body.Input is not { } inputs || inputs == TextInputs.None)
        {
            throw EngineException.Input("/input", "input is missing.");
        }

        if (inputs.All.Count > server.MaxBatchInputs)
        {
            throw EngineException.Input("/input", $"There are {inputs.All.Count} inputs; one call takes at most {server.MaxBatchInputs} (Server:MaxBatchInputs).");
        }

        if (body.EncodingFormat is not (null or "float" or "base64"))
        {
            throw EngineException.Input("/encoding_format", "encoding_format must be float or base64.");
        }

        return body.Dimensions is null || body.Dimensions == model.EmbeddingSize
            ? (model, inputs)
            : throw EngineException.Input("/dimensions", $"The embeddings of model '{model.Name}' have {model.EmbeddingSize} dimensions; leave dimensions out.");
    }

    async Task<InferenceRun> StartAsync(RecurrentModel model, TextInputs inputs, int index, CancellationToken aborted)
    {
        try
        {
            return await engine.StartAsync(
                new() { Model = model.Name, Version = model.Version, Input = inputs.All[index], IsPart = inputs.All.Count > 1, ReturnsState = true }, aborted);
        }
        catch (EngineException exception) when (TextInputs.IsAtFault(exception))
        {
            throw new EngineException(exception.Kind, exception.Message, inputs.PointerOf("input", index));
        }
    }
}
