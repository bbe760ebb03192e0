using System.Net.Mime;
using Rnn.Api.Documentation;
using Rnn.Engine;

namespace Rnn.Api.OpenAi;

/// <summary>
/// OpenAI's dialect under <c>/v1</c>, as far as it makes sense for a recurrent language model: models, completions, embeddings. Stateless;
/// sessions are the native protocol's.
/// </summary>
static class OpenAiDialect
{
    /// <summary>Where its routes begin.</summary>
    public const string Prefix = "/v1";

    const string Tag = "OpenAI";

    const string CompletionDescription =
        "Continues one prompt or several, as OpenAI's `POST /v1/completions` does; with `stream` true as data-only events that end with `[DONE]`. "
        + "The same text as the native `generate` with the same seed.";

    const string EmbeddingDescription =
        "The hidden state of the last recurrent layer after reading each input, scaled to length 1: an inner product of two is their cosine.";

    /// <summary>Before the problems: the first writer that takes a problem writes it.</summary>
    public static void AddOpenAiDialect(this IServiceCollection services)
    {
        services.AddSingleton<IProblemDetailsWriter, OpenAiErrorWriter>();
        services.AddSingleton<Completer>();
        services.AddSingleton<Embedder>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, OpenAiJson.Default));
    }

    /// <summary>Names each request in its reply, also one that is refused; clients tell that name with their errors.</summary>
    public static void UseOpenAiDialect(this IApplicationBuilder app) => app.UseWhen(
        http => http.Request.Path.StartsWithSegments(Prefix),
        branch => branch.Use((http, next) =>
        {
            http.Response.OnStarting(() =>
            {
                http.Response.Headers["x-request-id"] = RequestId.Of(http);
                return Task.CompletedTask;
            });
            return next(http);
        }));

    public static void MapOpenAiDialect(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Prefix).WithTags(Tag);

        group.MapGet("/models", (InferenceEngine engine) => TypedResults.Ok(ModelList.Of(engine.Models)))
            .WithName("ListOpenAiModels")
            .WithSummary("List the models, for OpenAI's clients")
            .WithDescription("Those that complete or embed text, each in the version that calls get: its default, or the highest.");
        group.MapGet("/models/{model}", (string model, InferenceEngine engine) => TypedResults.Ok(ModelCard.Of(ModelList.Get(engine.Models, model))))
            .Produces<OpenAiError>(404)
            .WithName("GetOpenAiModel")
            .WithSummary("Tell of a model, for OpenAI's clients")
            .WithDescription("Only that it is there, and since when; the native protocol describes it.");
        group.MapPost("/completions", (CompletionRequest body, Completer completer, HttpContext http) => completer.CompleteAsync(body, http))
            .Produces<Completion>(200, MediaTypeNames.Application.Json, MediaTypeNames.Text.EventStream)
            .StreamsUntil("[DONE]", MediaTypeNames.Text.EventStream, typeof(Completion), typeof(OpenAiError))
            .ProducesErrors()
            .WithName("CreateCompletion").WithExample(Example.Completion)
            .WithSummary("Complete text, for OpenAI's clients")
            .WithDescription(CompletionDescription);
        group.MapPost("/embeddings", (EmbeddingRequest body, Embedder embedder, HttpContext http) => embedder.EmbedAsync(body, http))
            .ProducesErrors()
            .WithName("CreateEmbeddings").WithExample(Example.Embedding)
            .WithSummary("Embed text, for OpenAI's clients")
            .WithDescription(EmbeddingDescription);
    }

    static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder route)
    {
        foreach (var status in new[] { 400, 404, 413, 415, 503 })
        {
            route.Produces<OpenAiError>(status);
        }

        return route;
    }
}
