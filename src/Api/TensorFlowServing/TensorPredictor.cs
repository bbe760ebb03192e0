using System.Text.Json;
using Rnn.Engine;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;
using Serilog;

namespace Rnn.Api.TensorFlowServing;

/// <summary>
/// Runs the sequences of a prediction side by side, so that their timesteps are batched. Each is by itself and begins at the zero
/// state; one that can't be run fails the prediction, as there is no place in the reply for its error.
/// </summary>
sealed class TensorPredictor(InferenceEngine engine, ServerOptions server, BatchOptions batching, IDiagnosticContext log)
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public async Task PredictAsync(RecurrentModel model, HttpContext http)
    {
        log.Set("Model", model.Name);
        // Whatever its content type: clients of this protocol often leave curl's, that of a form.
        using var json = await JsonDocument.ParseAsync(http.Request.Body, Strict, http.RequestAborted);
        var body = PredictBody.Read(json.RootElement, server.MaxBatchInputs);
        var signature = SignatureOf(model, body.Signature);

        engine.Admit(model, body.Instances.Count);
        var results = new List<float[]>[body.Instances.Count][];
        await Parallel.ForAsync(
            0,
            results.Length,
            new ParallelOptions { MaxDegreeOfParallelism = batching.InFlight, CancellationToken = http.RequestAborted },
            async (index, aborted) => results[index] = await RunAsync(model, signature, body.Instances[index], isPart: results.Length > 1, aborted));
        await PredictReply.WriteAsync(http, signature, body.IsColumn, results);
    }

    static Signature SignatureOf(RecurrentModel model, string? name)
    {
        var offered = Signature.Of(model);
        return offered.FirstOrDefault(signature => signature.Name == (name ?? Signature.Default)) ?? throw (offered.Count == 0
            ? new EngineException(ErrorKind.NotSupported, $"Model '{model.Name}' is an encoder-decoder, which generates; this protocol has no call for that.")
            : EngineException.Input("/signature_name", $"Model '{model.Name}' has no signature '{name}'. It has: {string.Join(", ", offered.Select(signature => signature.Name))}."));
    }

    /// <returns>The timesteps of each tensor.</returns>
    async Task<List<float[]>[]> RunAsync(
        RecurrentModel model, Signature signature, (string Place, JsonElement Value) instance, bool isPart, CancellationToken aborted)
    {
        var request = new InferenceRequest
        {
            Model = model.Name,
            Version = model.Version,
            Input = Instance.Read(instance.Value, instance.Place, model.Input),
            IsPart = isPart,
            Readout = signature.Readout,
            Top = model.Output.Size,
        };
        try
        {
            using var run = await engine.StartAsync(request, aborted);
            var timesteps = await run.RunAsync(aborted).ToListAsync(aborted);
            run.ExpectFinite();
            return [.. signature.Tells.Select(tensor => timesteps.ConvertAll(timestep => tensor.Read(timestep.Output)))];
        }
        catch (EngineException fault) when (fault.Kind == ErrorKind.InvalidInput)
        {
            throw Instance.At(instance.Place, fault);
        }
    }
}
