using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Draws requests: an operation, a sound request to it, and now and then something that is wrong with that.</summary>
sealed class RequestGen(Contract contract, Seeds seeds)
{
    const string Json = "application/json";
    const int Creations = 12;                              // sessions are deleted and end, and each wants some
    const int Working = 3;                                 // more can go wrong with what has a body

    const int Elsewhere = 5;

    /// <summary>Paths that the document does not tell of, some of which there are.</summary>
    static readonly string[] Undocumented =
    [
        "/", "/index.html", "/app.js", "/lib/api.js", "/swagger", "/swagger/index.html", "/health/live", "/health/ready", "/metrics", "/mcp", "/api", "/api/v1", "/api/v1/nothing", "/api/v2/models", "/v1", "/v1/nothing",
        "/v1/models/names:classify", "/v1/models/names/versions/1:regress", "/v2/nothing", "/v2/models", "/v2/models/names/infer/more", "/openapi/v2.json", "/inference.GRPCInferenceService/ServerLive", "/inference.GRPCInferenceService/Nothing",
        "/grpc.health.v1.Health/Check", "//", "//api/v1/models", "/api//v1/models", "/api/v1/models/", "/API/V1/MODELS", "/%2e%2e/etc", "/..", "/lib/..%2F..%2Fappsettings.json", "/appsettings.json", "/*", "/favicon.ico", "/.well-known/x",
    ];

    readonly SchemaGen _schemas = new(contract);

    public Gen<WireRequest> Any { get; private set; } = Gen.Const(new WireRequest("GET", "/"));

    public static RequestGen Of(Contract contract, Seeds seeds)
    {
        var requests = new RequestGen(contract, seeds);
        requests.Any = Gen.Frequency(
        [
            .. contract.Operations.Select(operation => (WeightOf(operation), (IGen<WireRequest>)requests.To(operation))),
            (Elsewhere, Gen.OneOf(Undocumented).SelectMany(path => Spoilt(new("GET", path), null, 1))),
        ]);
        return requests;
    }

    static int WeightOf(Operation operation) => operation switch
    {
        { Id: "CreateSession" } => Creations,
        { Bodies.Count: > 0 } => Working,
        _ => 1,
    };

    /// <summary>Requests to one operation.</summary>
    public Gen<WireRequest> To(Operation operation)
    {
        var sound = Gen.OneOf([.. seeds.Of(operation), new WireRequest(operation.Method, Filled(operation))]);
        var rich = operation.Bodies.TryGetValue(Json, out var body) && body["schema"] is { } schema
            ? Gen.Frequency((3, sound), (3, Grown(sound, _schemas.Object(Object(schema), 0, 0.05))), (2, Grown(sound, _schemas.Object(Object(schema), 0, 0.25))), (1, Replaced(sound, _schemas.Of(schema))))
            : sound;
        var asked = Gen.Frequency((3, rich), (1, Queried(rich, operation)), (1, from request in rich from header in Gen.OneOf(Hostile.Headers[..24]) select request.With(header.Name, header.Value)));
        return from request in asked
               from faults in Gen.Frequency((8, 0), (8, 1), (2, 2), (1, 4))
               from spoilt in Spoilt(request, operation, faults)
               select spoilt;
    }

    static Gen<WireRequest> Spoilt(WireRequest request, Operation? operation, int faults) => faults == 0
        ? Gen.Const(request)
        : from spoilt in Spoiler.Spoil(request, operation)
          from more in Spoilt(spoilt, operation, faults - 1)
          select more;

    /// <summary>A sound body with some of the members that it may have besides.</summary>
    static Gen<WireRequest> Grown(Gen<WireRequest> sound, Gen<JsonNode?> drawn) => Gen.Select(sound, drawn, (request, more) =>
    {
        if (!request.IsJson || JsonNode.Parse(request.Body!) is not JsonObject body)
        {
            return request;
        }

        foreach (var (name, value) in more!.AsObject().Where(member => !body.ContainsKey(member.Key) && !IsInput(member.Key)).ToList())
        {
            body[name] = value?.DeepClone();
        }

        return request with { Body = Encoding.UTF8.GetBytes(body.ToJsonString()) };
    });

    static Gen<WireRequest> Replaced(Gen<WireRequest> sound, Gen<JsonNode?> drawn) => Gen.Select(sound, drawn, (request, body) =>
        (request with { Body = Encoding.UTF8.GetBytes(body?.ToJsonString() ?? "null") }).With("Content-Type", Json));

    static Gen<WireRequest> Queried(Gen<WireRequest> sound, Operation operation)
    {
        var names = operation.Parameters.Where(parameter => parameter.In == "query").Select(parameter => parameter.Name).ToArray();
        return names.Length == 0
            ? sound
            : from request in sound
              from name in Gen.OneOf(names)
              from value in Facts.Of(name) ?? Gen.Int[0, 9].Select(JsonNode? (number) => number)
              select request.Target.Contains('?', StringComparison.Ordinal) ? request : request with { Target = $"{request.Target}?{name}={Uri.EscapeDataString(value?.ToString() ?? "")}" };
    }

    // One input is enough, and a sound request has it.
    static bool IsInput(string name) => name is "text" or "tokens" or "values" or "words" or "source" or "series" or "timestamps";

    JsonNode Object(JsonNode schema) => schema["oneOf"] is JsonArray choices ? contract.Resolve(choices[^1]!) : contract.Resolve(schema);

    static string Filled(Operation operation) => operation.Parameters.Where(parameter => parameter.In == "path").Aggregate(
        operation.Template,
        (path, parameter) => path.Replace($"{{{parameter.Name}}}", parameter.Name switch { "model" => "monitor", "id" => "names-1", "version" => "1", _ => "stable" }, StringComparison.Ordinal));
}
