using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.TensorFlowServing;

/// <summary>
/// TensorFlow Serving's REST protocol: the state of a model's version, its metadata, predictions. <c>GET /v1/models/{model}</c> is not
/// among its routes: the same path is OpenAI's.
/// </summary>
static class ServingApi
{
    /// <summary>Before OpenAI's dialect: the first writer that takes a problem writes it.</summary>
    public static void AddTensorFlowServing(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, ServingErrorWriter>();
        services.AddSingleton<TensorPredictor>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServingJson.Default));
    }

    public static void MapTensorFlowServing(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/v1/models").WithMetadata(new ServingRoute()).ExcludeFromDescription();
        models.MapGet("/{model}/metadata", (string model, InferenceEngine engine) => MetadataOf(engine.Models.Get(model, null)));
        models.MapPost("/{model}:predict", (string model, InferenceEngine engine, TensorPredictor predictor, HttpContext http) =>
            predictor.PredictAsync(engine.Models.Draw(model, null), http));

        models.MapGet("/{model}/versions/{version}", (string model, string version, InferenceEngine engine) =>
            TypedResults.Ok(VersionStatusDocument.From(Get(engine, model, version))));
        models.MapGet("/{model}/versions/{version}/metadata", (string model, string version, InferenceEngine engine) =>
            MetadataOf(Get(engine, model, version)));
        models.MapPost("/{model}/versions/{version}:predict", (string model, string version, InferenceEngine engine, TensorPredictor predictor, HttpContext http) =>
            predictor.PredictAsync(Get(engine, model, version), http));

        models.MapGet("/{model}/labels/{label}", (string model, string label, InferenceEngine engine) =>
            TypedResults.Ok(VersionStatusDocument.From(GetLabelled(engine, model, label))));
        models.MapGet("/{model}/labels/{label}/metadata", (string model, string label, InferenceEngine engine) =>
            MetadataOf(GetLabelled(engine, model, label)));
        models.MapPost("/{model}/labels/{label}:predict", (string model, string label, InferenceEngine engine, TensorPredictor predictor, HttpContext http) =>
            predictor.PredictAsync(GetLabelled(engine, model, label), http));

        foreach (var path in new[] { "/{model}", "/{model}/versions/{version}", "/{model}/labels/{label}" })
        {
            models.MapPost($"{path}:classify", NoExamples);
            models.MapPost($"{path}:regress", NoExamples);
        }
    }

    static Ok<MetadataDocument> MetadataOf(RecurrentModel model) => TypedResults.Ok(MetadataDocument.From(model));

    static RecurrentModel Get(InferenceEngine engine, string model, string version) =>
        int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? engine.Models.Get(model, number)
            : throw new EngineException(ErrorKind.ModelNotFound, $"A version is a number from 1; '{version}' is none.");

    static RecurrentModel GetLabelled(InferenceEngine engine, string model, string label) => engine.Models.Get($"{model}@{label}", null);

    static IResult NoExamples() => throw new EngineException(
        ErrorKind.NotSupported, "classify and regress read tf.Example, which has no order of timesteps. Post to :predict; it tells the probability of each class.");
}
