using System.IO.Hashing;
using System.Text.Json;
using Rnn.Api.Errors;
using Rnn.Engine;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Rest;

/// <summary>A message of a session's client: what it is called, and what it asks for.</summary>
/// <param name="Id">Null if it has none; then it is not answered again, and applied as often as it comes.</param>
/// <param name="Operation">What it asks for: step, sequence, observe or generate.</param>
/// <param name="Start">Where the call's body begins in the message.</param>
/// <param name="Length">How long it is.</param>
readonly record struct SocketMessage(CallId? Id, string Operation, int Start, int Length)
{
    // No header can hold this character, so that no header's key is a message's.
    const char KeyPrefix = '\u001f';

    static readonly (string Name, BodyReader Read)[] Operations =
    [
        ("step", JsonSerializer.Deserialize<StepRequest>),
        ("sequence", JsonSerializer.Deserialize<SequenceRequest>),
        ("observe", JsonSerializer.Deserialize<ObserveRequest>),
        ("generate", JsonSerializer.Deserialize<GenerateRequest>),
    ];

    static readonly string Names = string.Join(", ", Operations.Select(operation => operation.Name));

    delegate PredictionRequest? BodyReader(ReadOnlySpan<byte> body, JsonSerializerOptions options);

    /// <summary>Finds the parts of a message.</summary>
    /// <param name="json">The message.</param>
    /// <param name="id">The ID, also if the message can't be used otherwise.</param>
    /// <exception cref="JsonException">It is not an object, or not JSON.</exception>
    /// <exception cref="EngineException">It is not one call.</exception>
    public static SocketMessage Read(ReadOnlySpan<byte> json, out CallId? id)
    {
        id = null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A message must be an object.", "$", 0, 0);
        }

        string? operation = null;
        var (start, length) = (0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = CallId.Read(ref reader);
                continue;
            }

            var found = Find(ref reader) ?? throw EngineException.Input(
                $"/{reader.GetString()}", $"A message has an id and one of {Names}; it has no '{reader.GetString()}'.");
            operation = operation is null ? found : throw EngineException.Input($"/{found}", $"A message has one call; this one has {operation} and {found}.");
            reader.Read();
            start = (int)reader.TokenStartIndex;
            reader.Skip();
            length = (int)reader.BytesConsumed - start;
        }

        reader.Read();                                     // throws if there is more than the object
        return operation is null
            ? throw EngineException.Input("", $"A message has an id and one of {Names}; this one has none of these.")
            : new(id, operation, start, length);
    }

    /// <summary>The call's body.</summary>
    /// <param name="json">The message that this was read from.</param>
    /// <param name="options">How JSON is read.</param>
    /// <exception cref="JsonException">It is not what the call takes.</exception>
    public PredictionRequest Body(ReadOnlySpan<byte> json, JsonSerializerOptions options)
    {
        var body = json.Slice(Start, Length);
        try
        {
            return Operations[PlaceOf(Operation)].Read(body, options) ?? throw new JsonException("The call must be an object.", "$", 0, 0);
        }
        catch (JsonException exception)
        {
            throw PartProblem.Moved(exception, json[..Start].Count((byte)'\n'), Start - (json[..Start].LastIndexOf((byte)'\n') + 1));
        }
    }

    /// <summary>Makes the call unique. What it asks for is compared as it was sent: a message is sent again byte for byte.</summary>
    public IdempotencyKey? Key(ReadOnlySpan<byte> json) => Id is { } id
        ? new(KeyPrefix + id.Text, XxHash128.HashToUInt128(json.Slice(Start, Length), PlaceOf(Operation)))
        : null;

    static int PlaceOf(string operation) => Array.FindIndex(Operations, known => known.Name == operation);

    static string? Find(ref Utf8JsonReader reader)
    {
        foreach (var (name, _) in Operations)
        {
            if (reader.ValueTextEquals(name))
            {
                return name;
            }
        }

        return null;
    }
}
