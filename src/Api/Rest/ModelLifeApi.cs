using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Documentation;
using Rnn.Api.Observability;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.Rest;

/// <summary>What is known of the models, and their coming and going by calls.</summary>
static class ModelLifeApi
{
    public static void MapModelLife(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v1").WithTags("Models");

        models.MapGet("/repository", Index)
            .WithName("ListRepository").WithSummary("List what lies in the model folder")
            .WithDescription("Every version that is known, served or not, and why not.");
        models.MapPost("/models/{model}/unload", UnloadAsync)
            .WithName("UnloadModel").Audited("model.unload").WithExample(Example.Life)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(415)
            .WithSummary("End serving a model")
            .WithDescription("Calls under way end on it. Its sessions stay as long as they live, and go on once it is loaded again. Only with `Models:Control=Explicit`.");
        models.MapPost("/models/{model}/load", LoadAsync)
            .WithName("LoadModel").Audited("model.load").WithExample(Example.Life)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(415).ProducesProblem(422)
            .WithSummary("Load what is new or changed of a model")
            .WithDescription("It is read and checked beside what is served, and takes its place at once; calls under way end on what they began with. If it is refused, what was served is served on. Only with `Models:Control=Explicit`.");
    }

    static Ok<IReadOnlyList<ModelStatusResponse>> Index(InferenceEngine engine) => Ok(engine.Models.Index);

    static async Task<Ok<IReadOnlyList<ModelStatusResponse>>> LoadAsync(
        string model, ModelLifeRequest? body, InferenceEngine engine, CancellationToken aborted) =>
        Ok(await engine.Models.LoadAsync(model, body?.Version, aborted));

    static async Task<Ok<IReadOnlyList<ModelStatusResponse>>> UnloadAsync(
        string model, ModelLifeRequest? body, InferenceEngine engine, CancellationToken aborted) =>
        Ok(await engine.Models.UnloadAsync(model, body?.Version, aborted));

    static Ok<IReadOnlyList<ModelStatusResponse>> Ok(IReadOnlyList<ModelStatus> models) =>
        TypedResults.Ok<IReadOnlyList<ModelStatusResponse>>([.. models.Select(ModelStatusResponse.From)]);
}
