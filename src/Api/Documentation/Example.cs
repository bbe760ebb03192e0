using System.Text.Json.Nodes;

namespace Rnn.Api.Documentation;

/// <summary>
/// The requests that Swagger UI is filled with. Each works as it stands with the bundled models, in the order of the
/// page: the session that the first one creates serves the others.
/// </summary>
sealed record Example(string Body)
{
    public const string Model = "austen";
    public const int Version = 1;
    public const string Session = "demo";

    public static Example CreateSession { get; } = new($$"""{ "model": "{{Model}}", "id": "{{Session}}", "history": 200 }""");

    public static Example Step { get; } = new("""{ "text": "E" }""");

    public static Example Sequence { get; } = new("""{ "text": "It is a truth universally", "return": "last", "top": 3 }""");

    public static Example Generate { get; } = new(
        """{ "text": "It is a truth universally acknowledged, that", "maxLength": 160, "temperature": 0.5, "seed": 18 }""");

    public static Example Continue { get; } = new("""{ "maxLength": 100, "temperature": 0.6, "stop": ["\n"] }""");

    public static Example Score { get; } = new("""{ "text": "She was not at all surprised.", "top": 2 }""");

    public static Example Rewind { get; } = new("""{ "step": 1 }""");

    public static Example Fork { get; } = new("""{ "id": "demo-fork" }""");

    public static Example Move { get; } = new("""{ "version": 1 }""");

    public static Example State { get; } = new("""{ "step": 0, "layers": [] }""");

    /// <summary>What a stream looks like.</summary>
    public static string Events { get; } = """
        data: {"step":45,"text":" ","token":1,"probability":0.99}

        event: end
        data: {"step":45,"finish":"length","seed":18}


        """;

    /// <summary>The body as JSON, for the document.</summary>
    public JsonNode Json() => JsonNode.Parse(Body)!;
}

/// <summary>Attaches an example to a route.</summary>
static class ExampleMetadata
{
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder route, Example example) => route.WithMetadata(example);
}
