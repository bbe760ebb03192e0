using System.Text.Json;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>The JSON of an inference request. Members that it does not know are passed over.</summary>
sealed class InferHeader
{
    const string BinarySize = "binary_data_size";
    const string SharedMemory = "shared_memory_region";
    const int MaxDepth = 16;

    public string? Id { get; private set; }

    public Parameters Parameters { get; private set; } = Parameters.None;

    public IReadOnlyList<InputPart> Inputs { get; private set; } = [];

    public IReadOnlyList<RequestedOutput> Outputs { get; private set; } = [];

    /// <exception cref="JsonException">This is not JSON, or not of an inference request.</exception>
    /// <exception cref="EngineException">An input is not what it says.</exception>
    public static InferHeader Read(ReadOnlySpan<byte> json)
    {
        var header = new InferHeader();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var hasInputs = false;
        reader.Read();
        for (Enter(ref reader, "The request"); Next(ref reader, out var name);)
        {
            switch (name)
            {
                case "id":
                    header.Id = reader.TokenType == JsonTokenType.Null ? null : Text(ref reader, "id");
                    break;
                case "parameters":
                    header.Parameters = ReadParameters(ref reader);
                    break;
                case "inputs":
                    if (hasInputs)
                    {
                        throw Wrong(ref reader, "inputs stand here twice");
                    }

                    (header.Inputs, hasInputs) = (ReadAll(ref reader, "inputs", json, ReadInput), true);
                    break;
                case "outputs":
                    header.Outputs = reader.TokenType == JsonTokenType.Null ? [] : ReadAll(ref reader, "outputs", json, ReadOutput);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Read();                                     // fails if anything but blanks follows
        return hasInputs ? header : throw new JsonException("The request must have 'inputs'.");
    }

    delegate T ReadItem<T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json);

    static List<T> ReadAll<T>(ref Utf8JsonReader reader, string name, ReadOnlySpan<byte> json, ReadItem<T> read)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Wrong(ref reader, $"{name} must be an array");
        }

        var items = new List<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(read(ref reader, json));
        }

        return items;
    }

    static InputPart ReadInput(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        (string? Name, Datatype? Datatype, List<long>? Shape) input = default;
        (var parameters, Tensor? data, var at) = (Parameters.None, null, -1);
        for (Enter(ref reader, "An input"); Next(ref reader, out var member);)
        {
            switch (member)
            {
                case "name":
                    input.Name = Text(ref reader, "The name of an input");
                    break;
                case "datatype":
                    var datatype = Text(ref reader, "The datatype of an input");
                    input.Datatype = Datatype.Find(datatype) ?? throw EngineException.Input("/inputs", $"invalid datatype '{datatype}' of input '{input.Name}'");
                    break;
                case "shape":
                    input.Shape = ReadAll(ref reader, "shape", json, ReadLength);
                    break;
                case "parameters":
                    parameters = ReadParameters(ref reader);
                    break;
                case "data" when input is { Name: { } name, Datatype: { } of, Shape: { } shape }:
                    (data, at) = (JsonElements.ReadTensor(ref reader, name, of, shape), 0);
                    break;
                case "data":
                    at = (int)reader.TokenStartIndex;      // what it is stands after it
                    reader.Skip();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (input is not { Name: { } named, Datatype: { } type, Shape: { } dimensions })
        {
            throw Wrong(ref reader, $"Unable to parse input '{input.Name}': it must have 'name', 'shape' and 'datatype'");
        }

        if (at >= 0 && data is null)
        {
            var again = new Utf8JsonReader(json[at..], new JsonReaderOptions { MaxDepth = MaxDepth, AllowMultipleValues = true });
            again.Read();
            data = JsonElements.ReadTensor(ref again, named, type, dimensions);
        }

        var size = parameters.Count(BinarySize);
        if ((data is null ? 0 : 1) + (size is null ? 0 : 1) + (parameters.Find(SharedMemory) is null ? 0 : 1) != 1)
        {
            throw EngineException.Input(
                $"/{named}", $"Input must set only one of the following fields: 'data', '{BinarySize}' in 'parameters', '{SharedMemory}' in 'parameters'; look at '{named}'");
        }

        return data is null && size is null
            ? throw EngineException.Input($"/{named}", $"Input '{named}' lies in shared memory, which this server does not share; send it in the request.")
            : new(named, type, dimensions, data, size ?? 0);
    }

    static RequestedOutput ReadOutput(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        (string? name, var parameters) = (null, Parameters.None);
        for (Enter(ref reader, "An output"); Next(ref reader, out var member);)
        {
            switch (member)
            {
                case "name":
                    name = Text(ref reader, "The name of an output");
                    break;
                case "parameters":
                    parameters = ReadParameters(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return parameters.Find(SharedMemory) is not null
            ? throw EngineException.Input($"/{name}", $"Output '{name}' is to lie in shared memory, which this server does not share; take it from the reply.")
            : new(name ?? throw Wrong(ref reader, "An output must have a 'name'"), parameters);
    }

    static Parameters ReadParameters(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return Parameters.None;
        }

        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (Enter(ref reader, "'parameters'"); Next(ref reader, out var name);)
        {
            values[name] = reader.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Number when reader.TryGetUInt64(out var whole) => whole,
                JsonTokenType.Number when reader.TryGetInt64(out var negative) => negative,
                JsonTokenType.Number => reader.GetDouble(),
                _ => throw Wrong(ref reader, $"parameter '{name}' must be a string, a number or a boolean"),
            };
        }

        return new(values);
    }

    static long ReadLength(ref Utf8JsonReader reader, ReadOnlySpan<byte> json) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var length)
            ? length
            : throw Wrong(ref reader, "A dimension of a shape must be a whole number below 2^63");

    static string Text(ref Utf8JsonReader reader, string what) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Wrong(ref reader, $"{what} must be a string");

    static void Enter(ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong(ref reader, $"{what} must be an object");
        }
    }

    /// <summary>Moves to the next member's value, if there is a next member.</summary>
    static bool Next(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        var isOne = reader.TokenType == JsonTokenType.PropertyName;
        name = isOne ? reader.GetString()! : "";
        return isOne && reader.Read();
    }

    static JsonException Wrong(ref Utf8JsonReader reader, string message) => new($"{message} (byte {reader.TokenStartIndex + 1}).");
}

/// <summary>An input as the JSON tells it: with its data, or with the size of what follows in binary.</summary>
sealed record InputPart(string Name, Datatype Datatype, IReadOnlyList<long> Shape, Tensor? Data, long BinarySize)
{
    /// <summary>The tensor; if it is binary, from the first of the bytes that are left.</summary>
    /// <exception cref="EngineException">There are too few, or they are not what the shape says.</exception>
    public Tensor Take(string model, ref ReadOnlyMemory<byte> rest)
    {
        if (Data is not null)
        {
            return Data;
        }

        if (BinarySize > rest.Length)
        {
            throw EngineException.Input(
                $"/{Name}", $"unexpected size for input '{Name}', expecting {BinarySize - rest.Length} additional bytes for model '{model}'");
        }

        var raw = rest[..(int)BinarySize];
        rest = rest[raw.Length..];
        return Tensor.OfRaw(Name, Datatype, Shape, raw);
    }
}
