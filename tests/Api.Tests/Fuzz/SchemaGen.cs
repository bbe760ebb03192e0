using System.Text.Json.Nodes;
using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>Draws JSON that a schema allows. Where more is known of a member by its name, that is drawn.</summary>
sealed class SchemaGen(Contract contract)
{
    const int Deepest = 5;

    /// <param name="schema">The schema.</param>
    /// <param name="name">The name of the member that it is of; "" if it is the whole.</param>
    /// <param name="depth">How deep it stands.</param>
    public Gen<JsonNode?> Of(JsonNode schema, string name = "", int depth = 0)
    {
        if (Facts.Of(name) is { } known)
        {
            return Gen.Frequency((4, known), (1, ByShape(schema, depth)));
        }

        return ByShape(schema, depth);
    }

    Gen<JsonNode?> ByShape(JsonNode schema, int depth)
    {
        schema = contract.Resolve(schema);
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
        {
            return Gen.OneOf([.. choices.Select(choice => Of(choice!, "", depth))]);
        }

        if (schema["enum"] is JsonArray values)
        {
            return Gen.OneOf(values.Select(value => value?.ToJsonString() ?? "null").ToArray()).Select(text => JsonNode.Parse(text));
        }

        return schema["type"] switch
        {
            JsonArray types => Gen.OneOf([.. types.Select(type => OfType((string)type!, schema, depth))]),
            { } type => OfType((string)type!, schema, depth),
            null => Anything,
        };
    }

    Gen<JsonNode?> OfType(string type, JsonNode schema, int depth) => type switch
    {
        "null" => Gen.Const((JsonNode?)null),
        "boolean" => Gen.Bool.Select(JsonNode? (value) => value),
        "integer" => Number(schema, Gen.Frequency((8, Gen.Int[0, 9].Select(value => (double)value)), (1, Gen.Int.Select(value => (double)value)))).Select(JsonNode? (value) => (long)Math.Round(value)),
        "number" => Number(schema, Gen.Frequency((8, Gen.Double[-2, 2]), (1, Gen.Double[-1e30, 1e30]))).Select(JsonNode? (value) => value),
        "string" => Gen.Frequency((6, Gen.String[Gen.Char['a', 'z'], 0, 6]), (1, Gen.String[0, 12])).Select(JsonNode? (value) => JsonValue.Create(value)),
        "array" => depth >= Deepest ? Gen.Const(JsonNode? () => new JsonArray()) : Of(schema["items"] ?? new JsonObject(), "", depth + 1).Array[0, 4].Select(JsonNode? (items) => new JsonArray(items)),
        _ => Object(schema, depth, 0.15),
    };

    /// <summary>The members that an object must have, and some of those that it may have: few, so that most of what is drawn makes sense.</summary>
    /// <param name="schema">The schema of an object.</param>
    /// <param name="depth">How deep it stands.</param>
    /// <param name="share">How many of those that it may have.</param>
    public Gen<JsonNode?> Object(JsonNode schema, int depth, double share)
    {
        schema = contract.Resolve(schema);
        HashSet<string> required = [.. (schema["required"]?.AsArray() ?? []).Select(name => (string)name!)];
        var properties = (schema["properties"]?.AsObject() ?? [])
            .Where(property => depth < Deepest || required.Contains(property.Key))
            .Select(property => Optional(property.Key, Of(property.Value!, property.Key, depth + 1), required.Contains(property.Key) ? 1 : share));
        var others = schema["additionalProperties"] is JsonObject { Count: > 0 } of
            ? new[] { Optional("a", Of(of, "", depth + 1), 0.5), Optional("3", Of(of, "", depth + 1), 0.5) }
            : [];
        return new Each<(string Name, JsonNode? Value)?>([.. properties, .. others]).Select(JsonNode? (members) =>
            new JsonObject(members.OfType<(string Name, JsonNode? Value)>().Select(member => KeyValuePair.Create(member.Name, member.Value))));
    }

    static Gen<(string, JsonNode?)?> Optional(string name, Gen<JsonNode?> value, double probability) =>
        from draw in Gen.Double.Unit
        from drawn in draw < probability ? value.Select((string, JsonNode?)? (node) => (name, node)) : Gen.Const(((string, JsonNode?)?)null)
        select drawn;

    // Half of the numbers lie at an end of what is allowed.
    static Gen<double> Number(JsonNode schema, Gen<double> free) => ((double?)schema["minimum"], (double?)schema["maximum"]) switch
    {
        (null, null) => free,
        ({ } least, { } most) when most < int.MaxValue => Gen.OneOf(Gen.Double[least, most], Gen.OneOf(least, most)),
        ({ } least, _) => Gen.OneOf(free.Select(value => Math.Max(least, Math.Abs(value))), Gen.OneOf(least, least + 1, int.MaxValue)),
        (null, { } most) => free.Select(value => Math.Min(most, value)),
    };

    static Gen<JsonNode?> Anything => Gen.OneOf("null", "1", "\"a\"", "[1]", "{}").Select(text => JsonNode.Parse(text));
}
