using System.Net.Mime;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rnn.Api.OpenAi;
using Rnn.Api.OpenInference;
using Rnn.Api.TensorFlowServing;

namespace Rnn.Api.Documentation;

/// <summary>What any route may be answered before it runs, or in its stead, in the words of its protocol.</summary>
static class AnyRoute
{
    static readonly (string Status, string Description)[] Refusals =
    [
        ("400", "The request can't be read, or names a host that this server is not."),
        ("401", "A key is needed, or the one given is not known."),
        ("403", "The key is not for this."),
        ("415", "The body is compressed, and is not taken so."),
        ("429", "The key has used up its requests for now."),
        ("504", "The request took longer than one may."),
    ];

    public static Task TellAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var (type, error) = $"/{context.Description.RelativePath}/" switch
        {
            _ when context.Description.ActionDescriptor.EndpointMetadata.OfType<ServingRoute>().Any() => (MediaTypeNames.Application.Json, nameof(ServingError)),
            var path when path.StartsWith($"{OpenAiDialect.Prefix}/", StringComparison.Ordinal) => (MediaTypeNames.Application.Json, nameof(OpenAiError)),
            var path when path.StartsWith($"{OpenInferenceError.Prefix}/", StringComparison.Ordinal) => (MediaTypeNames.Application.Json, nameof(OpenInferenceError)),
            _ => (MediaTypeNames.Application.ProblemJson, "ProblemDetails"),
        };
        foreach (var (status, description) in Refusals.Concat(OfWork(context.Description.HttpMethod)))
        {
            var name = $"{error}{status}";
            context.Document!.AddComponent(name, new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType> { [type] = new() { Schema = new OpenApiSchemaReference(error, context.Document) } },
            });
            operation.Responses!.TryAdd(status, new OpenApiResponseReference(name, context.Document));
        }

        return Task.CompletedTask;
    }

    static IEnumerable<(string Status, string Description)> OfWork(string? method) => method is "POST" or "PUT"
        ? [("503", "The server is short of memory, and takes no new work for now.")]
        : [];
}
