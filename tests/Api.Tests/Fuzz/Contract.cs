using System.Text.Json.Nodes;
using Json.Schema;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>What the OpenAPI document promises. Its schemas are built once, as checking each answer must be quick.</summary>
sealed class Contract
{
    const string Place = "https://rnn.test/openapi";
    const string Components = "#/components/schemas/";

    readonly JsonNode _document;
    readonly BuildOptions _build = new() { SchemaRegistry = new(), Dialect = Dialect.Draft202012 };

    public Contract(JsonNode document)
    {
        _document = document;
        Build(new JsonObject { ["$id"] = Place, ["$defs"] = document["components"]?["schemas"]?.DeepClone() });
        Operations =
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               orderby path.Key.Count(c => c == '{')                    // where two could be meant, the one with fewer parameters is
               select new Operation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!, Resolve, Build),
        ];
    }

    public IReadOnlyList<Operation> Operations { get; }

    public static async Task<Contract> ReadAsync(HttpClient client) => new(await RnnApplication.GetAsync(client, "/openapi/v1.json"));

    /// <summary>The operation that a request is for; null if none is documented at its path with its method.</summary>
    public Operation? Find(string method, string path) =>
        Operations.FirstOrDefault(operation => operation.MatchOf(path).Success) is { } first
            ? Operations.FirstOrDefault(operation => operation.Method.Equals(method, StringComparison.OrdinalIgnoreCase) && operation.MatchOf(path).Success && IsAsNarrow(operation, first))
            : null;

    /// <summary>Operations of the protocols under the same prefix, one of each: their errors are those of the whole protocol. None of a page.</summary>
    public IReadOnlyList<Operation> Neighbours(string path) => path.Split('/') is ["", { Length: > 0 } first, ..]
        ? [.. Operations.Where(operation => operation.Answers.ContainsKey(404) && operation.Template.StartsWith($"/{first}/", StringComparison.Ordinal)).DistinctBy(operation => operation.Protocol)]
        : [];

    /// <summary>What a reference stands for; the node itself if it is none.</summary>
    public JsonNode Resolve(JsonNode node) => (string?)node["$ref"] is { } reference
        ? reference[2..].Split('/').Aggregate(_document, (parent, name) => parent[name]!)
        : node;

    static bool IsAsNarrow(Operation one, Operation other) => one.Template.Count(c => c == '{') == other.Template.Count(c => c == '{');

    JsonSchema Build(JsonNode schema) =>
        JsonSchema.FromText(schema.ToJsonString().Replace($"\"{Components}", $"\"{Place}#/$defs/", StringComparison.Ordinal), _build);
}
