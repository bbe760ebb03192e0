using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Documentation;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>The model repository extension: what lies in the model folder, and its coming and going by calls.</summary>
static class RepositoryApi
{
    public static void MapRepository(this IEndpointRouteBuilder protocol)
    {
        var repository = protocol.MapGroup("/repository");
        repository.MapPost("/index", Index)
            .WithName("OipIndex").WithExample(Example.OipIndex).Refuses(415).WithSummary("List the repository's models")
            .WithDescription("Every version that lies in the model folder, whether it is served, and why not.");
        repository.MapPost("/models/{model}/unload", UnloadAsync)
            .WithName("OipUnload").Refuses(403, 404).WithSummary("Unload a model by this protocol")
            .WithDescription("Calls under way end on it. Only with `Models:Control=Explicit`. The body, if there is one, is not read.");
        repository.MapPost("/models/{model}/load", LoadAsync)
            .WithName("OipLoad").Refuses(403, 404, 422).WithSummary("Load a model by this protocol")
            .WithDescription("What is new or changed of it takes its place at once. Only with `Models:Control=Explicit`. The body, if there is one, is not read.");
    }

    static Ok<IReadOnlyList<IndexEntry>> Index(InferenceEngine engine, IndexRequest? body = null) =>
        TypedResults.Ok<IReadOnlyList<IndexEntry>>(
            [.. engine.Models.Index.Where(model => model.State == ModelState.Ready || body?.Ready != true).Select(IndexEntry.From)]);

    static async Task<Ok> LoadAsync(string model, InferenceEngine engine, CancellationToken aborted)
    {
        await engine.Models.LoadAsync(model, null, aborted);
        return TypedResults.Ok();
    }

    static async Task<Ok> UnloadAsync(string model, InferenceEngine engine, CancellationToken aborted)
    {
        await engine.Models.UnloadAsync(model, null, aborted);
        return TypedResults.Ok();
    }
}
