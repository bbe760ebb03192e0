using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>What is served.</summary>
static class ModelApi
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v1/models").WithTags("Models");

        models.MapGet("", List)
            .WithName("ListModels").WithSummary("List the models")
            .WithDescription("Every version of every model, by name, the highest version first.");
        models.MapGet("/{model}", (string model, InferenceEngine engine) => Get(model, null, engine))
            .WithName("GetModel").ProducesProblem(404)
            .WithSummary("Describe a model")
            .WithDescription("Its highest version: layers, state, what it reads and what it tells.");
        models.MapGet("/{model}/versions/{version:int}", (string model, int version, InferenceEngine engine) => Get(model, version, engine))
            .WithName("GetModelVersion").ProducesProblem(404)
            .WithSummary("Describe a version of a model")
            .WithDescription("Layers, state, what it reads and what it tells.");
    }

    static Ok<IReadOnlyList<ModelResponse>> List(InferenceEngine engine) =>
        TypedResults.Ok<IReadOnlyList<ModelResponse>>([.. engine.Models.All.Select(ModelResponse.From)]);

    static Ok<ModelResponse> Get(string model, int? version, InferenceEngine engine) =>
        TypedResults.Ok(ModelResponse.From(engine.Models.Get(model, version)));
}
