using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Rnn.Api.Mcp;

/// <summary>JSON schemas of what tools take and tell, made of the native documents and their descriptions.</summary>
static class ToolSchema
{
    static readonly AIJsonSchemaCreateOptions Plain = new() { IncludeSchemaKeyword = false };

    // A session is where an assistant keeps a state; tensors and streams are not for its context.
    static readonly string[] Hidden = ["state", "returnState", "trace", "stream"];

    /// <summary>What a tool takes.</summary>
    public static JsonElement Input<TBody>(Target takes, JsonSerializerOptions json)
    {
        var schema = Of<TBody>(json);
        var properties = schema["properties"]!.AsObject();
        if (takes is Target.Session or Target.ModelOrSession)
        {
            properties.Insert(0, "session", Text(takes == Target.Session
                ? "The session's ID."
                : "The ID of a session to go on from, instead of a model."));
        }

        if (takes is Target.Model or Target.ModelOrSession)
        {
            properties.Insert(0, "model", Text("The model's name, as list_models tells it."));
        }

        schema["additionalProperties"] = false;
        if (takes is Target.Model or Target.Session)
        {
            schema["required"] = new JsonArray(takes == Target.Model ? "model" : "session");
        }

        return JsonSerializer.SerializeToElement(schema);
    }

    /// <summary>What a tool tells.</summary>
    public static JsonElement Output<T>(JsonSerializerOptions json) => JsonSerializer.SerializeToElement(Of<T>(json));

    static JsonObject Of<T>(JsonSerializerOptions json)
    {
        var schema = JsonNode.Parse(AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: json, inferenceOptions: Plain).GetRawText())!.AsObject();
        var properties = schema["properties"]?.AsObject() ?? [];
        foreach (var name in Hidden)
        {
            properties.Remove(name);                       // what can't be asked for is not told either
        }

        schema["properties"] = properties;
        return schema;
    }

    static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
}
