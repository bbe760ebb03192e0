using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>An activation in JSON: its name, <c>"tanh"</c>, or with parameters <c>{ "kind": "leaky-relu", "alpha": 0.3 }</c>.</summary>
sealed class ActivationJson : JsonConverter<Activation>
{
    static readonly Dictionary<string, ActivationKind> Names =
        Enum.GetValues<ActivationKind>().ToDictionary(NameOf, StringComparer.Ordinal);

    public override Activation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new Activation(Kind(reader.GetString()!));
        }

        var parameters = JsonSerializer.Deserialize<Parameters>(ref reader, options)
            ?? throw new JsonException("An activation is its name, or an object with 'kind', 'alpha' and 'beta'.");
        return new Activation(Kind(parameters.Kind), parameters.Alpha, parameters.Beta);
    }

    public override void Write(Utf8JsonWriter writer, Activation value, JsonSerializerOptions options)
    {
        if (value is { Alpha: null, Beta: null })
        {
            writer.WriteStringValue(NameOf(value.Kind));
        }
        else
        {
            JsonSerializer.Serialize(writer, new Parameters { Kind = NameOf(value.Kind), Alpha = value.Alpha, Beta = value.Beta }, options);
        }
    }

    static ActivationKind Kind(string name) => Names.TryGetValue(name, out var kind)
        ? kind
        : throw new JsonException($"'{name}' is no activation; there are {string.Join(", ", Names.Keys)}.");

    static string NameOf(ActivationKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    sealed record Parameters
    {
        public required string Kind { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Alpha { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Beta { get; init; }
    }
}
