using System.Text.Json;
using Rnn.Engine;

namespace Rnn.Api.Mcp;

/// <summary>Takes a tool's arguments apart: model or session, and the body, held to the rules of any other.</summary>
/// <param name="schema">What the tool takes.</param>
/// <param name="takes">What stands beside the body.</param>
/// <param name="json">The JSON of the native protocol.</param>
sealed class ToolArguments<TBody>(JsonElement schema, Target takes, JsonSerializerOptions json)
    where TBody : class
{
    /// <exception cref="EngineException">The call is for nothing, or for two things; or it has an argument that the tool does not take.</exception>
    /// <exception cref="JsonException">An argument is not of its type.</exception>
    public (CallTarget Target, TBody Body) Read(IDictionary<string, JsonElement>? arguments)
    {
        var body = new Dictionary<string, JsonElement>(arguments ?? new Dictionary<string, JsonElement>());
        foreach (var name in body.Keys.Where(name => !schema.GetProperty("properties").TryGetProperty(name, out _)))
        {
            throw EngineException.Input($"/{name}", $"There is no argument '{name}'; the tool's schema lists those there are.");
        }

        var target = new CallTarget(
            takes is Target.Model or Target.ModelOrSession ? TakeName(body, "model") : null,
            takes is Target.Session or Target.ModelOrSession ? TakeName(body, "session") : null);
        Expect(target);
        try
        {
            return (target, JsonSerializer.Deserialize<TBody>(JsonSerializer.SerializeToUtf8Bytes(body, json), json)!);
        }
        catch (JsonException exception)
        {
            throw new JsonException(exception.Message, exception.Path, null, null);        // the line is none of the client's
        }
    }

    void Expect(CallTarget target)
    {
        switch (takes, target)
        {
            case (Target.Model, { Model: null }):
                throw EngineException.Input("/model", "The model's name is missing; list_models tells those there are.");
            case (Target.Session, { Session: null }):
                throw EngineException.Input("/session", "The session's ID is missing; start_session tells one.");
            case (Target.ModelOrSession, (null, null)):
                throw EngineException.Input("", "Give 'model' for a call by itself, or 'session' for one that goes on from where a session is.");
            case (Target.ModelOrSession, (not null, not null)):
                throw EngineException.Input("/model", "Give 'model' or 'session', not both; a session has its model.");
        }
    }

    static string? TakeName(Dictionary<string, JsonElement> body, string name)
    {
        body.Remove(name, out var value);
        return value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => throw EngineException.Input($"/{name}", "This must be a string."),
        };
    }
}
