using System.Net.Mime;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rnn.Api.OpenAi;
using Rnn.Api.Rest;
using Rnn.Api.TensorFlowServing;

namespace Rnn.Api.Documentation;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, and Swagger UI, which shows it, at <c>/swagger</c>.</summary>
static partial class ApiDocument
{
    const string Description =
        "Inference for recurrent networks: Elman RNN, LSTM and GRU. A model is one function, (state, input) -> (state', output): "
        + "**step** applies it once, **sequence** to each input in turn, and **generate** feeds its output back. A **session** keeps "
        + "the state between calls under an ID.";

    static OpenApiSchema PlacesOfProblem => new()
    {
        Type = JsonSchemaType.Array,
        Description = "The places in the request that are at fault.",
        Items = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["pointer"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "A JSON pointer (RFC 6901)." },
                ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What was found, and what was expected." },
            },
        },
    };

    static OpenApiSchema ErrorOfPart(OpenApiDocument document) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "error" },
        Properties = new Dictionary<string, IOpenApiSchema> { ["error"] = new OpenApiSchemaReference("ProblemDetails", document) },
        AdditionalPropertiesAllowed = false,
    };

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(Describe);
        options.AddOperationTransformer(FillIn);
        options.AddOperationTransformer(StreamItems.TellAsync);
        options.AddOperationTransformer(AnyRoute.TellAsync);
        options.AddOperationTransformer(Order);
    });

    public static void UseApiDocument(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.UseSwaggerUI(ui =>
        {
            ui.RoutePrefix = "swagger";
            ui.DocumentTitle = "Rnn";
            ui.SwaggerEndpoint("/openapi/v1.json", "Rnn v1");
            ui.EnableTryItOutByDefault();
            ui.DisplayRequestDuration();
            ui.DefaultModelsExpandDepth(-1);
        });
    }

    static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Rnn",
            Version = "v1",
            Description = Description,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Models", Description = "What is served." },
            new() { Name = "Predictions", Description = "Stateless: from the zero state, or from a state in the request." },
            new() { Name = "Sessions", Description = "Stateful: the state is kept under an ID." },
            new() { Name = "OpenAI", Description = "What OpenAI's clients call: point them to `/v1`." },
            new() { Name = ServingApi.Tag, Description = "What TensorFlow Serving's clients call; the same models again." },
            new() { Name = "Open Inference Protocol", Description = "The same models as named tensors, as clients of KServe and Triton speak to them." },
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["key"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key of this server, or a token of its identity provider. Where the server listens on its own machine only, none is needed.",
            },
        };
        document.Security = [new() { [new OpenApiSecuritySchemeReference("key", document)] = [] }, []];
        foreach (var (name, schema) in document.Components.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            Complete(name, (OpenApiSchema)schema, document);
            NameDefaults((OpenApiSchema)schema);
        }

        return Task.CompletedTask;
    }

    /// <summary>The default of an enumeration comes as its number, and a client sends its name.</summary>
    static void NameDefaults(OpenApiSchema schema)
    {
        foreach (var property in (schema.Properties?.Values ?? []).OfType<OpenApiSchemaReference>())
        {
            if (property is { Default: JsonValue number, Enum: { Count: > 0 } names } && number.TryGetValue<int>(out var index))
            {
                property.Default = names[index].DeepClone();
            }
        }
    }

    /// <summary>Adds to a schema what its type does not say.</summary>
    static void Complete(string name, OpenApiSchema schema, OpenApiDocument document)
    {
        switch (name)
        {
            case "ProblemDetails":
                schema.Properties!["errors"] = PlacesOfProblem;
                schema.Properties["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The request's name in the log." };
                schema.Required = new HashSet<string> { "type", "title", "status" };
                break;
            case nameof(CompletionLogprobs):
                ((OpenApiSchema)schema.Properties!["top_logprobs"].Items!).Type |= JsonSchemaType.Null;
                break;
            case var _ when name.StartsWith("BatchResponseOf", StringComparison.Ordinal):
                var results = (OpenApiSchema)schema.Properties!["results"];
                results.Items = new OpenApiSchema { AnyOf = [results.Items!, ErrorOfPart(document)] };
                break;
        }
    }

    static Task FillIn(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        List<Example> examples = [.. context.Description.ActionDescriptor.EndpointMetadata.OfType<Example>()];
        if (examples.Count > 0 && operation.RequestBody?.Content?.TryGetValue("application/json", out var body) == true)
        {
            (body.Example, body.Examples) = OneOrSeveral(examples, example => example.Json());
        }

        foreach (var name in PathParameter().Matches(context.Description.RelativePath!).Select(match => match.Groups["name"].Value))
        {
            operation.Parameters ??= [];
            if (operation.Parameters.All(parameter => parameter.Name != name))             // a handler that reads the route itself
            {
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }
        }

        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path) ?? [])
        {
            (Func<Example, JsonNode> value, parameter.Description) = parameter.Name switch
            {
                "model" => (example => example.Model, "The model's name."),
                "version" => (_ => Example.Version, "The model's version."),
                "label" => (_ => Example.Label, "A label that the server has for one of the model's versions."),
                _ => ((Func<Example, JsonNode>)(example => example.Session), "The session's ID."),
            };
            (parameter.Example, parameter.Examples) = OneOrSeveral(examples.Count > 0 ? examples : [Example.None], value);
        }

        if (context.Description.RelativePath!.Contains("sessions/{id}", StringComparison.Ordinal))
        {
            TellTag(operation);
        }

        if (operation.Responses!.TryGetValue("200", out var ok) && ok.Content?.TryGetValue(MediaTypeNames.Text.EventStream, out var stream) == true)
        {
            stream.Example = examples[0].Stream;
        }

        foreach (var content in new[] { operation.RequestBody?.Content, ok?.Content })
        {
            if (content?.TryGetValue(MediaTypeNames.Application.Octet, out var bytes) == true)
            {
                bytes.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
            }

            if (content?.TryGetValue(ForecastBody.CsvType, out var table) == true)
            {
                table.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            }
        }

        return Task.CompletedTask;
    }

    static Task Order(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var responses = operation.Responses!.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses!.Clear();
        responses.ForEach(response => operation.Responses.Add(response.Key, response.Value));
        return Task.CompletedTask;
    }

    // Several are named by their sessions, in the body as in the path.
    static (JsonNode? One, Dictionary<string, IOpenApiExample>? Several) OneOrSeveral(List<Example> examples, Func<Example, JsonNode> value) =>
        examples is [var one]
            ? (value(one), null)
            : (null, examples.ToDictionary(example => example.Session, IOpenApiExample (example) => new OpenApiExample { Value = value(example) }));

    [GeneratedRegex(@"\{(?<name>\w+)[^}]*\}")]
    private static partial Regex PathParameter();

    static void TellTag(OpenApiOperation operation)
    {
        foreach (var response in new[] { "200", "201" }.Select(status => operation.Responses!.GetValueOrDefault(status)).OfType<OpenApiResponse>())
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["ETag"] = new OpenApiHeader
                {
                    Description = "Where the session is: its step, and after a dot how often it was put back, if it was. Give it as If-Match.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    Example = "\"41\"",
                },
            };
        }
    }
}
