using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Documentation;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>Many stateless calls in one request: in a JSON document, or as lines of a stream.</summary>
static class BatchApi
{
    const string Description =
        "Each of `inputs` is the body of a call, and each is answered in its place; one that can't be run does not keep the others from it. "
        + "As `application/x-ndjson`, there is a call on each line, with an `id` if it likes, and a line for each result as soon as there is one. "
        + "docs/streaming.md tells more.";

    /// <summary>Adds the batch of a call that is mapped at <paramref name="path"/>.</summary>
    /// <param name="model">The group of one model's routes.</param>
    /// <param name="path">The call's path, such as <c>/step</c>.</param>
    /// <param name="name">The operation's ID.</param>
    /// <param name="example">The call's example, which becomes the batch's.</param>
    public static void MapBatch<TRequest, TResponse>(this IEndpointRouteBuilder model, string path, string name, Example example)
        where TRequest : PredictionRequest
    {
        model.MapPost($"{path}/batch", (string model, HttpContext http, Batch batch, LineBatch lines, InferenceEngine engine, StateForms states, Predictor predictor, IOptions<JsonOptions> json) =>
            {
                engine.Admit(engine.Models.Get(model, version: null), parts: int.MaxValue);        // what goes for all, no line has to say
                var options = json.Value.SerializerOptions;
                BatchCall call = (model, body, aborted) =>
                {
                    var request = JsonSerializer.Deserialize<TRequest>(body, options) ?? throw new JsonException("The call must be an object.");
                    return predictor.TellAsync(request.OnModel(model, states) with { IsPart = true }, request, aborted);
                };
                return LineBatch.Takes(http.Request) ? lines.RunAsync(model, call, http) : batch.RunAsync(model, call, http);
            })
            .Accepts<BatchRequest<TRequest>>("application/json", LineBatch.MediaType)
            .Produces<BatchResponse<TResponse>>(200, "application/json", LineBatch.MediaType)
            .StreamsOf(LineBatch.MediaType, typeof(LineReply<TResponse>), typeof(LineError), typeof(ProgressLine), typeof(LastLine))
            .WithName(name).WithExample(new Example($$"""{ "inputs": [{{example.Body}}, {{example.Body}}] }"""))
            .WithSummary($"Many calls of {path[1..]} at once")
            .WithDescription(Description);
    }
}
