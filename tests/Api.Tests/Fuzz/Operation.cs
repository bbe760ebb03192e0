using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>An operation of the OpenAPI document: how it is asked, and what it may answer.</summary>
sealed partial class Operation
{
    readonly Regex _path;

    /// <param name="method">Its method.</param>
    /// <param name="template">Its path, with places for parameters.</param>
    /// <param name="node">What the document says of it.</param>
    /// <param name="resolve">Finds what a reference stands for.</param>
    /// <param name="build">Makes a schema ready to be checked against.</param>
    public Operation(string method, string template, JsonNode node, Func<JsonNode, JsonNode> resolve, Func<JsonNode, JsonSchema> build)
    {
        (Method, Template) = (method, template);
        Id = (string)node["operationId"]!;
        Protocol = (string?)node["tags"]?[0] ?? "";
        _path = new($"^{PlaceOf().Replace(Regex.Escape(template), "(?<${name}>[^/]+)")}/?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        Parameters = [.. (node["parameters"]?.AsArray() ?? []).Select(parameter => new Parameter((string)parameter!["name"]!, (string)parameter["in"]!, parameter["schema"]!))];
        Bodies = node["requestBody"]?["content"]?.AsObject().ToDictionary(content => content.Key, content => content.Value!) ?? [];
        Answers = node["responses"]!.AsObject().ToDictionary(
            response => int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture),
            IReadOnlyDictionary<string, Promise> (response) => (resolve(response.Value!)["content"]?.AsObject() ?? []).ToDictionary(content => content.Key, content => new Promise(
                content.Value!["schema"] is { } schema ? build(schema) : null,
                content.Value["x-itemSchema"] is { } item ? build(item) : null)));
    }

    /// <summary>What the document calls it.</summary>
    public string Id { get; }

    /// <summary>What it belongs to: each protocol is a tag, and the native one several.</summary>
    public string Protocol { get; }

    public string Method { get; }

    /// <summary>Its path, with places for parameters.</summary>
    public string Template { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The bodies that it reads, by media type: schema and examples.</summary>
    public IReadOnlyDictionary<string, JsonNode> Bodies { get; }

    /// <summary>What it may answer: by status, what may be in the body, by media type. Nothing if there is no body.</summary>
    public IReadOnlyDictionary<int, IReadOnlyDictionary<string, Promise>> Answers { get; }

    /// <summary>Whether it is a socket: a plain request can't succeed.</summary>
    public bool IsSocket => Answers.ContainsKey(101);

    /// <summary>Where a path has the operation's parameters; none if it is not the operation's path.</summary>
    public Match MatchOf(string path) => _path.Match(path);

    public override string ToString() => $"{Method} {Template}";

    [GeneratedRegex(@"\\\{(?<name>\w+)}")]
    private static partial Regex PlaceOf();
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In">Where it stands: path, query or header.</param>
/// <param name="Schema">What it may be.</param>
sealed record Parameter(string Name, string In, JsonNode Schema);

/// <summary>What a body of one media type is promised to be.</summary>
/// <param name="Body">The schema of the whole, if it is JSON.</param>
/// <param name="Item">The schema of each event or line, if it is a stream that tells it.</param>
sealed record Promise(JsonSchema? Body, JsonSchema? Item);
