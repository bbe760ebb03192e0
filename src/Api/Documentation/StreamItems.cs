using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Rnn.Api.Documentation;

/// <summary>
/// What the events of a stream are, or its lines: a body that is sent bit by bit has no schema as a whole. OpenAPI 3.1 has no word for
/// that, so it is told by an extension that is named like the word of 3.2.
/// </summary>
static class StreamItems
{
    const string Extension = "x-itemSchema";

    // The generator makes schemas of what a route answers. Items are given to it as answers with statuses that are none, and taken back.
    const int NoStatus = 600;

    /// <summary>Documents what a route's replies of a media type are made of.</summary>
    /// <param name="route">The route.</param>
    /// <param name="mediaType">The media type of the stream.</param>
    /// <param name="items">Each item is one of these.</param>
    public static RouteHandlerBuilder StreamsOf(this RouteHandlerBuilder route, string mediaType, params IReadOnlyList<Type> items) =>
        route.Streams(new Items(mediaType, items.Count, End: null), items);

    /// <summary>The same of a stream that ends with a word of its own, which is no JSON.</summary>
    public static RouteHandlerBuilder StreamsUntil(this RouteHandlerBuilder route, string end, string mediaType, params IReadOnlyList<Type> items) =>
        route.Streams(new Items(mediaType, items.Count, end), items);

    public static Task TellAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var items in context.Description.ActionDescriptor.EndpointMetadata.OfType<Items>())
        {
            var choices = new JsonArray();
            for (var index = 0; index < items.Count; index++)
            {
                operation.Responses!.Remove((NoStatus + index).ToString(CultureInfo.InvariantCulture), out var item);
                var schema = (OpenApiSchemaReference)item!.Content![items.MediaType].Schema!;
                choices.Add((JsonNode)new JsonObject { ["$ref"] = schema.Reference.ReferenceV3 });
            }

            if (items.End is not null)
            {
                choices.Add((JsonNode)new JsonObject { ["const"] = items.End });
            }

            var stream = operation.Responses!["200"].Content![items.MediaType];
            stream.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            stream.Extensions = new Dictionary<string, IOpenApiExtension>
            {
                [Extension] = new JsonNodeExtension(choices is [var one] ? one!.DeepClone() : new JsonObject { ["anyOf"] = choices }),
            };
        }

        return Task.CompletedTask;
    }

    static RouteHandlerBuilder Streams(this RouteHandlerBuilder route, Items items, IReadOnlyList<Type> types)
    {
        foreach (var (index, type) in types.Index())
        {
            route.Produces(NoStatus + index, type, items.MediaType);
        }

        return route.WithMetadata(items);
    }

    sealed record Items(string MediaType, int Count, string? End);
}
