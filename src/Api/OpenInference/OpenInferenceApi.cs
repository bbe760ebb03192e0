using System.Net.Mime;
using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rnn.Api.Documentation;
using Rnn.Api.Observability;
using Rnn.Api.Rest;
using Rnn.Api.Security;
using Rnn.Engine;
using Serilog;

namespace Rnn.Api.OpenInference;

/// <summary>The Open Inference Protocol, version 2, over REST, with Triton's extensions of it.</summary>
static class OpenInferenceApi
{
    internal const string Tag = "Open Inference Protocol";

    const string InferDescription =
        "Runs a batch of sequences side by side, each from the zero state; or, with `sequence_id`, the next timesteps of a sequence whose state is kept. "
        + "Tensors are JSON, or bytes after the JSON (binary tensor data extension: `Inference-Header-Content-Length` tells where they begin).";

    static readonly string[] Extensions =
    [
        "classification", "sequence", "sequence(string_id)", "model_repository", "model_configuration", "binary_tensor_data", "parameters", "statistics", "generate",
    ];

    /// <summary>The version of this server.</summary>
    public static string Version => typeof(OpenInferenceApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void AddOpenInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InferenceStatistics>();
        builder.Services.AddSingleton<TensorInference>();
        builder.Services.AddSingleton<TextGeneration>();
        builder.Services.AddSingleton<IProblemDetailsWriter, OpenInferenceErrorWriter>();
        builder.Services.AddRequestDecompression(options => options.DecompressionProviders.Remove("br"));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OpenInferenceJson.InSnakeCase));
    }

    /// <summary>Reads compressed bodies of this protocol; the limit of their size counts what they inflate to.</summary>
    public static void UseOpenInference(this IApplicationBuilder app) => app.UseWhen(
        http => OpenInferenceError.Owns(http.Request) && http.Request.Headers.ContentEncoding.Count > 0,
        branch => branch.Use(NameBadCompression).UseRequestDecompression());

    public static void MapOpenInference(this IEndpointRouteBuilder routes)
    {
        var protocol = routes.MapGroup("/v2").WithTags(Tag);
        protocol.MapGet("", () => TypedResults.Ok(new ServerDocument("rnn", Version, Extensions)))
            .WithName("OipServer").WithSummary("Describe the server")
            .WithDescription("Its name, its version, and the extensions of the protocol that it offers.");
        protocol.MapGet("/health/live", () => TypedResults.Ok(new LiveDocument(true)))
            .WithName("OipLive").AllowAnonymous().WithSummary("Tell whether the server lives")
            .WithDescription("It does if it answers.");
        protocol.MapGet("/health/ready", ReadyAsync)
            .WithName("OipReady").AllowAnonymous().Refuses(503).WithSummary("Tell whether the server is ready")
            .WithDescription("All models are loaded, the sessions' store can be reached, and the server is not stopping.");
        protocol.MapGet("/models/stats", (InferenceEngine engine, InferenceStatistics statistics) => Statistics(AllOf(engine), statistics))
            .WithName("OipStatistics").WithSummary("Count the calls on all models")
            .WithDescription("The calls of this protocol since the server started, by model and version, and the time they took.");
        protocol.MapRepository();
        protocol.MapGroup("/models/{model}").MapModel("a model", "");
        protocol.MapGroup("/models/{model}/versions/{version}").MapModel("a version of a model", "Version");
    }

    /// <summary>Documents the statuses with which a route refuses a request.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in (int[])[400, .. statuses])
        {
            route.Produces<OpenInferenceError>(status);
        }

        return route;
    }

    static void MapModel(this IEndpointRouteBuilder model, string of, string suffix)
    {
        model.MapGet("", Metadata)
            .WithName($"OipModel{suffix}").Refuses(404).WithSummary($"Describe the tensors of {of}")
            .WithDescription("The inputs and outputs by name, with their datatypes and shapes; -1 is a length that varies.");
        model.MapGet("/ready", ModelReady)
            .WithName($"OipModelReady{suffix}").Refuses(404).WithSummary($"Tell whether {of} is ready")
            .WithDescription("It is if it is loaded.");
        model.MapGet("/config", Config)
            .WithName($"OipConfig{suffix}").Refuses(404).WithSummary($"Tell the configuration of {of}")
            .WithDescription("Its tensors, and how long an idle sequence lives.");
        model.MapGet("/stats", (ModelPath path, InferenceEngine engine, InferenceStatistics statistics) =>
                Statistics(VersionsOf(path, engine), statistics))
            .WithName($"OipModelStatistics{suffix}").Refuses(404).WithSummary($"Count the calls on {of}")
            .WithDescription("The calls of this protocol since the server started, and the time they took.");
        model.MapPost("/infer", InferAsync).RunsModel()
            .Accepts<InferDocument>(MediaTypeNames.Application.Json, MediaTypeNames.Application.Octet)
            .Produces<InferReplyDocument>(200, MediaTypeNames.Application.Json, MediaTypeNames.Application.Octet)
            .WithName($"OipInfer{suffix}").WithExample(Example.OipInfer).Refuses(404, 409, 410, 412, 413, 415, 503, 507)
            .WithSummary($"Run {of} on tensors").WithDescription(InferDescription);
        model.MapGenerate(of, suffix);
    }

    static async Task<Results<Ok<ReadyDocument>, JsonHttpResult<OpenInferenceError>>> ReadyAsync(HealthCheckService health, CancellationToken aborted)
    {
        var report = await health.CheckHealthAsync(Health.IsForReadiness, aborted);
        return report.Status == HealthStatus.Healthy
            ? TypedResults.Ok(new ReadyDocument(true))
            : OpenInferenceError.NotReady(string.Join(' ', report.Entries.Values.Select(entry => entry.Description).OfType<string>()));
    }

    static Ok<ModelDocument> Metadata(ModelPath path, InferenceEngine engine) =>
        TypedResults.Ok(ModelDocument.From(path.Get(engine), VersionsOf(path, engine)));

    static Ok<ModelReadyDocument> ModelReady(ModelPath path, InferenceEngine engine) =>
        TypedResults.Ok(new ModelReadyDocument(path.Get(engine).Model.Name, true));

    static Ok<ConfigDocument> Config(ModelPath path, InferenceEngine engine, SessionOptions sessions) =>
        TypedResults.Ok(ConfigDocument.From(path.Get(engine), sessions.TimeToLive));

    static Ok<StatisticsDocument> Statistics(IEnumerable<ModelTensors> models, InferenceStatistics statistics) =>
        TypedResults.Ok(new StatisticsDocument([.. models.Select(model => ModelStatistics.From(model, statistics.Of(model.Model)))]));

    static async Task<InferResult> InferAsync(ModelPath path, InferenceEngine engine, TensorInference inference, IDiagnosticContext log, HttpContext http)
    {
        log.Set("Model", path.Model);
        var (call, isBinary) = await InferBody.ReadAsync(path.Get(engine), path.Version, http);
        var reply = await inference.InferAsync(call with { Keep = reply => InferResult.Of(reply, isBinary).Kept() }, http.RequestAborted);
        if (reply.Answer is { } answer)
        {
            http.Response.Headers[Replay.Header] = "true";
            return InferResult.Of(answer);
        }

        return InferResult.Of(reply, isBinary);
    }

    static async Task NameBadCompression(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (InvalidDataException exception)
        {
            throw new BadHttpRequestException("The body is not compressed as its Content-Encoding says.", exception);
        }
    }

    static IEnumerable<ModelTensors> AllOf(InferenceEngine engine) => engine.Models.All.Select(model => new ModelTensors(model));

    static IEnumerable<ModelTensors> VersionsOf(ModelPath path, InferenceEngine engine)
    {
        var one = path.Get(engine);
        return path.Version is null ? AllOf(engine).Where(other => other.Model.Name == one.Model.Name).Reverse() : [one];
    }
}
