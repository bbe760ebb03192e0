using System.Text.Json.Nodes;

namespace Rnn.Api.Documentation;

/// <summary>
/// The requests that Swagger UI is filled with. Each works as it stands with the bundled models, in the order of the
/// page: the sessions that the first ones create serve the others.
/// </summary>
sealed record Example(string Body)
{
    public const int Version = 1;

    /// <summary>A label that a server may have for a version; the bundled configuration has none.</summary>
    public const string Label = "stable";

    const string Air = "air";
    const string AirSession = "demo-air";

    /// <summary>The model in the path.</summary>
    public string Model { get; init; } = "austen";

    /// <summary>The session in the path.</summary>
    public string Session { get; init; } = "demo";

    /// <summary>What the reply looks like as a stream, of an operation that has one.</summary>
    public string Stream { get; init; } = """
        data: {"step":45,"text":" ","token":1,"probability":0.99}

        event: end
        data: {"step":45,"finish":"length","seed":18}


        """;

    /// <summary>What stands in the path where an operation has no body.</summary>
    public static Example None { get; } = new("null");

    public static Example CreateSession { get; } = new("""{ "model": "austen", "id": "demo", "history": 200 }""");

    public static Example CreateAirSession { get; } = new($$"""{ "model": "{{Air}}", "id": "{{AirSession}}" }""") { Session = AirSession };

    public static Example Life { get; } = new($$"""{ "version": {{Version}} }""") { Model = "monitor" };

    public static Example Step { get; } = new("""{ "text": "E" }""");

    public static Example Sequence { get; } = new("""{ "text": "It is a truth universally", "return": "last", "top": 3 }""");

    public static Example Generate { get; } = new(
        """{ "text": "It is a truth universally acknowledged, that", "maxLength": 160, "temperature": 0.5, "seed": 18 }""");

    public static Example Continue { get; } = new("""{ "maxLength": 100, "temperature": 0.6, "stop": ["\n"] }""");

    public static Example Score { get; } = new("""{ "text": "She was not at all surprised.", "top": 2 }""");

    /// <summary>Six hours with a gap, and the next three.</summary>
    public static Example Forecast { get; } = new("""
        {
          "start": "2014-01-04T03:00:00+08:00", "interval": "PT1H",
          "values": [
            [77, -2, -7, 1025, 1.79], [77, -5, -9, 1025, 0.45], [null, -5, -9, 1025, 1.34],
            [80, -6, -9, 1025, 1.79], [86, -4, -7, 1025, 0.89], [95, -3, -7, 1025, 0.89]
          ],
          "future": [[-2, -8, 1026, 1.79], [0, -8, 1026, 2.68]],
          "horizon": 3, "quantiles": [0.1, 0.9], "seed": 18
        }
        """)
    {
        Model = Air,
    };

    /// <summary>The same six hours, as a session reads them: with the hour and the day of the year.</summary>
    public static Example AirSequence { get; } = new("""
        {
          "values": [
            [77, -2, -7, 1025, 1.79, 3, 4], [77, -5, -9, 1025, 0.45, 4, 4], [75, -5, -9, 1025, 1.34, 5, 4],
            [80, -6, -9, 1025, 1.79, 6, 4], [86, -4, -7, 1025, 0.89, 7, 4], [95, -3, -7, 1025, 0.89, 8, 4]
          ]
        }
        """)
    {
        Session = AirSession,
    };

    /// <summary>The hour after those.</summary>
    public static Example Observe { get; } = new("""{ "values": [130, -2, -8, 1026, 1.79, 9, 4] }""") { Session = AirSession };

    public static Example ForecastSession { get; } = new("""
        {
          "start": "2014-01-04T09:00:00+08:00", "interval": "PT1H",
          "future": [[-2, -8, 1026, 1.79], [0, -8, 1026, 2.68]],
          "horizon": 3, "quantiles": [0.1, 0.9], "seed": 18
        }
        """)
    {
        Session = AirSession,
    };

    public static Example Rewind { get; } = new("""{ "step": 1 }""");

    public static Example Fork { get; } = new("""{ "id": "demo-fork" }""");

    public static Example Move { get; } = new("""{ "version": 1 }""");

    public static Example State { get; } = new("""{ "step": 0, "layers": [] }""");

    public static Example FindUnits { get; } = new("""{ "units": [7], "riseAbove": 0 }""");

    public static Example Completion { get; } = new(
        """{ "model": "austen", "prompt": "It is a truth universally acknowledged, that", "max_tokens": 64, "temperature": 0.5, "seed": 18 }""")
    {
        Stream = """
            data: {"id":"cmpl-5f3a","object":"text_completion","created":1796000000,"model":"austen","system_fingerprint":"fp_0d2b","choices":[{"text":" ","index":0,"logprobs":null,"finish_reason":null}]}

            data: {"id":"cmpl-5f3a","object":"text_completion","created":1796000000,"model":"austen","system_fingerprint":"fp_0d2b","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}]}

            data: [DONE]


            """,
    };

    public static Example Embedding { get; } = new("""{ "model": "names", "input": ["Nakamura", "Yamamoto", "O'Brien"] }""");

    public static Example OipInfer { get; } = new("""
        {
          "id": "a1",
          "inputs": [{ "name": "text", "shape": [1], "datatype": "BYTES", "data": ["It is a truth"] }],
          "outputs": [{ "name": "probabilities", "parameters": { "classification": 3 } }, { "name": "label" }],
          "parameters": { "return": "last" }
        }
        """);

    public static Example OipGenerate { get; } = new("""{ "text_input": "It is a truth", "parameters": { "max_tokens": 40, "temperature": 0.5, "seed": 18 } }""")
    {
        Stream = """
            data: {"model_name":"austen","model_version":"1","text_output":" "}


            """,
    };

    public static Example OipIndex { get; } = new("""{ "ready": true }""");

    public static Example Predict { get; } = new("""{ "instances": ["Nakamura", "Rossi"] }""") { Model = "names" };

    /// <summary>The body as JSON, for the document.</summary>
    public JsonNode Json() => JsonNode.Parse(Body)!;
}

/// <summary>Attaches examples to a route.</summary>
static class ExampleMetadata
{
    public static RouteHandlerBuilder WithExample(this RouteHandlerBuilder route, params Example[] examples) => route.WithMetadata([.. examples]);
}
