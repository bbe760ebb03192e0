using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Api.Documentation;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.TensorFlowServing;

/// <summary>
/// TensorFlow Serving's REST protocol: the state of a model's version, its metadata, predictions. <c>GET /v1/models/{model}</c> is not
/// among its routes: the same path is OpenAI's.
/// </summary>
static class ServingApi
{
    internal const string Tag = "TensorFlow Serving";

    /// <summary>Before OpenAI's dialect: the first writer that takes a problem writes it.</summary>
    public static void AddTensorFlowServing(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, ServingErrorWriter>();
        services.AddSingleton<TensorPredictor>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServingJson.Default));
    }

    public static void MapTensorFlowServing(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/v1/models").WithMetadata(new ServingRoute()).WithTags(Tag);
        models.MapGet("/{model}/metadata", (string model, InferenceEngine engine) => MetadataOf(engine.Models.Get(model, null)))
            .TellsMetadata("", "a model");
        models.MapPost("/{model}:predict", (string model, InferenceEngine engine, TensorPredictor predictor, HttpContext http) =>
                predictor.PredictAsync(engine.Models.Draw(model, null), http))
            .Predicts("", "a model");

        models.MapGet("/{model}/versions/{version}", (string model, string version, InferenceEngine engine) => StatusOf(Get(engine, model, version)))
            .TellsStatus("Version", "a version");
        models.MapGet("/{model}/versions/{version}/metadata", (string model, string version, InferenceEngine engine) => MetadataOf(Get(engine, model, version)))
            .TellsMetadata("Version", "a version");
        models.MapPost("/{model}/versions/{version}:predict", (string model, string version, InferenceEngine engine, TensorPredictor predictor, HttpContext http) =>
                predictor.PredictAsync(Get(engine, model, version), http))
            .Predicts("Version", "a version");

        models.MapGet("/{model}/labels/{label}", (string model, string label, InferenceEngine engine) => StatusOf(GetLabelled(engine, model, label)))
            .TellsStatus("Label", "a labelled version");
        models.MapGet("/{model}/labels/{label}/metadata", (string model, string label, InferenceEngine engine) => MetadataOf(GetLabelled(engine, model, label)))
            .TellsMetadata("Label", "a labelled version");
        models.MapPost("/{model}/labels/{label}:predict", (string model, string label, InferenceEngine engine, TensorPredictor predictor, HttpContext http) =>
                predictor.PredictAsync(GetLabelled(engine, model, label), http))
            .Predicts("Label", "a labelled version");

        var refused = models.MapGroup("").ExcludeFromDescription();
        foreach (var path in new[] { "/{model}", "/{model}/versions/{version}", "/{model}/labels/{label}" })
        {
            refused.MapPost($"{path}:classify", NoExamples);
            refused.MapPost($"{path}:regress", NoExamples);
        }
    }

    static void TellsStatus(this RouteHandlerBuilder route, string suffix, string of) => route
        .Produces<ServingError>(404)
        .WithName($"TensorFlowStatus{suffix}").WithSummary($"Tell how {of} stands, for TensorFlow Serving's clients")
        .WithDescription("What is listed is served. The state of a model without its version is not among the routes: that path is OpenAI's.");

    static void TellsMetadata(this RouteHandlerBuilder route, string suffix, string of) => route
        .Produces<MetadataReplyDocument>()
        .Produces<ServingError>(404)
        .WithName($"TensorFlowMetadata{suffix}").WithSummary($"Describe the tensors of {of}, for TensorFlow Serving's clients")
        .WithDescription("By signature, the inputs and outputs with their types and shapes; -1 is a length that varies.");

    static void Predicts(this RouteHandlerBuilder route, string suffix, string of) => route
        .Accepts<PredictDocument>(MediaTypeNames.Application.Json, "*/*")
        .Produces<PredictReplyDocument>()
        .Produces<ServingError>(404).Produces<ServingError>(413)
        .WithName($"TensorFlowPredict{suffix}").WithExample(Example.Predict).WithSummary($"Predict with {of}, for TensorFlow Serving's clients")
        .WithDescription("Of each sequence the output at its end, or at every timestep with `signature_name` `sequence`; the numbers are those of the native protocol. The content type is not looked at.");

    static Ok<VersionStatusDocument> StatusOf(RecurrentModel model) => TypedResults.Ok(VersionStatusDocument.From(model));

    static JsonHttpResult<MetadataDocument> MetadataOf(RecurrentModel model) => TypedResults.Json(MetadataDocument.From(model));

    static RecurrentModel Get(InferenceEngine engine, string model, string version) =>
        int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? engine.Models.Get(model, number)
            : throw new EngineException(ErrorKind.ModelNotFound, $"A version is a number from 1; '{version}' is none.");

    static RecurrentModel GetLabelled(InferenceEngine engine, string model, string label) => engine.Models.Get($"{model}@{label}", null);

    static IResult NoExamples() => throw new EngineException(
        ErrorKind.NotSupported, "classify and regress read tf.Example, which has no order of timesteps. Post to :predict; it tells the probability of each class.");
}
