using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Json.Schema;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Whether an answer is one that the OpenAPI document promises.</summary>
static class ReplyCheck
{
    const string Problem = "application/problem+json";

    static readonly EvaluationOptions Quick = new() { OutputFormat = OutputFormat.Flag };
    static readonly EvaluationOptions Telling = new() { OutputFormat = OutputFormat.List };

    /// <returns>What is wrong with it; null if nothing is.</returns>
    public static string? FaultOf(Operation operation, Reply reply)
    {
        if (!operation.Answers.TryGetValue(reply.Status, out var promises))
        {
            return $"the status {reply.Status} is not documented";
        }

        if (reply.Body.Length == 0)
        {
            return promises.Count == 0 || promises.Values.All(promise => promise.Body is null) ? null : $"the body of the {reply.Status} is empty";
        }

        if (reply.MediaType is null || !promises.TryGetValue(reply.MediaType, out var promise))
        {
            return $"a body of '{reply.MediaType}' is not documented for {reply.Status}";
        }

        return reply.MediaType switch
        {
            Problem => ProblemFault(promise, reply),
            "application/json" => JsonFault(promise.Body, reply.Body),
            "text/event-stream" => ItemFault(promise, Events(reply.Body)),
            "application/x-ndjson" => ItemFault(promise, Encoding.UTF8.GetString(reply.Body).Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            _ => null,
        };
    }

    /// <summary>Of a request that is for no operation: it must be refused, and in the words of its protocol.</summary>
    /// <param name="neighbours">Operations of the protocols that it may be of; none of a page.</param>
    /// <param name="request">The request.</param>
    /// <param name="reply">The answer.</param>
    public static string? FaultOfNone(IReadOnlyList<Operation> neighbours, WireRequest request, Reply reply)
    {
        if (neighbours.Count == 0)
        {
            return reply.Status is < 500 or 501 or 503 ? null : $"the status {reply.Status} is a failure";
        }

        if (request.Method == "OPTIONS" && reply is { Status: 204, Body.Length: 0 })
        {
            return null;                                   // a browser asks whether a page of another origin may call
        }

        // The document can't say what is answered to methods and paths that it doesn't have.
        if (reply.Status is not (400 or 401 or 403 or 404 or 405 or 415 or 429))
        {
            return $"the status {reply.Status} is no refusal of what is not documented";
        }

        var faults = neighbours.Select(neighbour => FaultOf(neighbour, reply with { Status = 404, Body = As404(reply) })).ToList();
        return faults.Contains(null) ? null : faults[0];
    }

    static byte[] As404(Reply reply) => reply.MediaType == Problem
        ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(reply.Body).Replace($"\"status\":{reply.Status.ToString(CultureInfo.InvariantCulture)}", "\"status\":404", StringComparison.Ordinal))
        : reply.Body;

    static string? ProblemFault(Promise promise, Reply reply)
    {
        if (JsonFault(promise.Body, reply.Body) is { } fault)
        {
            return fault;
        }

        using var problem = JsonDocument.Parse(reply.Body);
        return problem.RootElement.GetProperty("status").GetInt32() == reply.Status ? null : "the problem tells another status than the answer";
    }

    static string? JsonFault(JsonSchema? schema, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return schema is null ? null : SchemaFault(schema, json.RootElement);
        }
        catch (JsonException exception)
        {
            return $"the body is no JSON: {exception.Message}";
        }
    }

    static string? ItemFault(Promise promise, IEnumerable<string> items)
    {
        var (index, fault) = (0, promise.Item is null ? "a stream must tell the schema of its items" : null);
        foreach (var item in items)
        {
            fault ??= Parsed(item) is var json && SchemaFault(promise.Item!, json) is { } wrong ? $"item {index}, {item}: {wrong}" : null;
            index++;
        }

        return fault ?? (index == 0 ? "a stream must tell something" : null);
    }

    static string? SchemaFault(JsonSchema schema, JsonElement json) => schema.Evaluate(json, Quick).IsValid
        ? null
        : "the body breaks its schema: " + string.Join("; ", schema.Evaluate(json, Telling).Details!
            .Where(detail => detail.Errors is not null)
            .SelectMany(detail => detail.Errors!, (detail, error) => $"{detail.InstanceLocation} {error.Key}: {error.Value}"));

    static IEnumerable<string> Events(byte[] body) => SseParser.Create(new MemoryStream(body)).Enumerate().Select(item => item.Data);

    // An event may be a word instead of JSON, such as [DONE].
    static JsonElement Parsed(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
