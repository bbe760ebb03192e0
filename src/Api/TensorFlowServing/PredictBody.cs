using System.Text.Json;
using Rnn.Engine;

namespace Rnn.Api.TensorFlowServing;

/// <summary>The body of a prediction: instances in a row, or the column of an input.</summary>
/// <param name="Signature">Which signature is asked for; null for the default.</param>
/// <param name="IsColumn">Whether the body, and so the reply, is in the form of columns.</param>
/// <param name="Instances">The sequences, each with its place as a JSON pointer.</param>
sealed record PredictBody(string? Signature, bool IsColumn, IReadOnlyList<(string Place, JsonElement Value)> Instances)
{
    /// <param name="body">The body as JSON.</param>
    /// <param name="limit">The most sequences.</param>
    /// <exception cref="EngineException">It is not what a prediction takes.</exception>
    public static PredictBody Read(JsonElement body, int limit)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw EngineException.Input("", "The body must be an object with instances or inputs.");
        }

        var isRow = body.TryGetProperty("instances", out var rows);
        var isColumn = body.TryGetProperty("inputs", out var columns);
        var instances = (isRow, isColumn) switch
        {
            (true, false) => List(rows, "/instances").Select(item => Named(item.Value, item.Place)).ToList(),
            (false, true) when Named(columns, "/inputs") is var (place, value) => List(value, place).ToList(),
            (true, true) => throw EngineException.Input("/inputs", "There are both instances and inputs; a body has one of them."),
            _ => throw EngineException.Input("", "There are neither instances nor inputs; a body has one of them."),
        };
        return instances.Count > 0 && instances.Count <= limit
            ? new(SignatureOf(body), isColumn, instances)
            : throw EngineException.Input(
                isRow ? "/instances" : "/inputs", $"There are {instances.Count} sequences; a prediction takes 1 to {limit} (Server:MaxBatchInputs).");
    }

    static IEnumerable<(string Place, JsonElement Value)> List(JsonElement value, string place) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select((item, index) => ($"{place}/{index}", item))
        : throw EngineException.Input(place, "This must be a list: its outermost dimension is the batch.");

    /// <summary>The one input, out of an object by name if it is in one.</summary>
    static (string Place, JsonElement Value) Named(JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object || Instance.IsBytes(value))
        {
            return (place, value);
        }

        foreach (var property in value.EnumerateObject().Where(property => property.Name != TensorFlowServing.Signature.Input))
        {
            throw EngineException.Input($"{place}/{property.Name}", $"There is no input '{property.Name}'; the only one is '{TensorFlowServing.Signature.Input}'.");
        }

        return value.TryGetProperty(TensorFlowServing.Signature.Input, out var input)
            ? ($"{place}/{TensorFlowServing.Signature.Input}", input)
            : throw EngineException.Input(place, $"The input '{TensorFlowServing.Signature.Input}' is missing.");
    }

    static string? SignatureOf(JsonElement body) =>
        !body.TryGetProperty("signature_name", out var name) ? null
        : name.ValueKind == JsonValueKind.String ? name.GetString() is { Length: > 0 } text ? text : null
        : throw EngineException.Input("/signature_name", "This must be a string.");
}
