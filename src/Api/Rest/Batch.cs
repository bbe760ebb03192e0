using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Errors;
using Rnn.Engine;
using Rnn.Engine.Scheduling;

namespace Rnn.Api.Rest;

/// <summary>Runs the calls of a JSON document side by side, so that their timesteps are batched.</summary>
sealed class Batch(ServerOptions server, BatchOptions batching, IOptions<JsonOptions> json)
{
    readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    public async Task RunAsync(string model, BatchCall call, HttpContext http)
    {
        if (!http.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The body is not JSON.", StatusCodes.Status415UnsupportedMediaType);
        }

        var inputs = (await http.Request.ReadFromJsonAsync<BatchRequest<JsonElement>>(http.RequestAborted)
            ?? throw new JsonException("The body must be an object.")).Inputs;
        if (inputs.Count == 0 || inputs.Count > server.MaxBatchInputs)
        {
            throw EngineException.Input("/inputs", $"inputs has {inputs.Count} calls; a batch takes 1 to {server.MaxBatchInputs} (Server:MaxBatchInputs). As lines (application/x-ndjson) there may be any number.");
        }

        var results = new ReadOnlyMemory<byte>[inputs.Count];
        var failed = 0;
        await Parallel.ForAsync(
            0,
            inputs.Count,
            new ParallelOptions { MaxDegreeOfParallelism = batching.InFlight, CancellationToken = http.RequestAborted },
            async (index, aborted) =>
            {
                try
                {
                    results[index] = (await call(model, JsonMarshal.GetRawUtf8Value(inputs[index]), aborted)).Document;
                }
                catch (Exception exception) when (PartProblem.Is(exception))
                {
                    var error = new BatchError(PartProblem.Of(exception, $"/inputs/{index}"));
                    results[index] = JsonSerializer.SerializeToUtf8Bytes(error, _json);
                    Interlocked.Increment(ref failed);
                }
            });
        await WriteAsync(http, model, results, failed);
    }

    static async Task WriteAsync(HttpContext http, string model, ReadOnlyMemory<byte>[] results, int failed)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("model", model);
        writer.WriteStartArray("results");
        foreach (var result in results)
        {
            writer.WriteRawValue(result.Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteNumber("failed", failed);
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted);
    }
}
