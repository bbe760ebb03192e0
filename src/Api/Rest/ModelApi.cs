using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Engine;
using Rnn.Engine.Models;

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
            .WithDescription("Its default version, the highest unless another is set: layers, state, what it reads and what it tells.");
        models.MapGet("/{model}/versions/{version:int}", (string model, int version, InferenceEngine engine) => Get(model, version, engine))
            .WithName("GetModelVersion").ProducesProblem(404)
            .WithSummary("Describe a version of a model")
            .WithDescription("Layers, state, what it reads and what it tells.");
    }

    static Ok<IReadOnlyList<ModelResponse>> List(InferenceEngine engine) =>
        TypedResults.Ok<IReadOnlyList<ModelResponse>>([.. engine.Models.All.Select(model => Response(model, engine.Models))]);

    static Ok<ModelResponse> Get(string model, int? version, InferenceEngine engine) =>
        TypedResults.Ok(Response(engine.Models.Get(model, version), engine.Models));

    static ModelResponse Response(RecurrentModel model, VisibleModels models) =>
        ModelResponse.From(model, models.ReasonOf(model.Name, model.Version));
}
