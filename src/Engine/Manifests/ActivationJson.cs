using System.Text.Json;
using System.Text.Json.Serialization;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Manifests;

/// <summary>An activation in JSON: its name, <c>"tanh"</c>, or with parameters <c>{ "kind": "leaky-relu", "alpha": 0.3 }</c>.</summary>
sealed class ActivationJson : JsonConverter<Activation>
{
    public override Activation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new Activation(JsonSerializer.Deserialize<ActivationKind>(ref reader, options));
        }

        var parameters = JsonSerializer.Deserialize<Parameters>(ref reader, options)
            ?? throw new JsonException("An activation is its name, or an object with 'kind', 'alpha' and 'beta'.");
        return new Activation(parameters.Kind, parameters.Alpha, parameters.Beta);
    }

    public override void Write(Utf8JsonWriter writer, Activation value, JsonSerializerOptions options)
    {
        if (value is { Alpha: null, Beta: null })
        {
            JsonSerializer.Serialize(writer, value.Kind, options);
        }
        else
        {
            JsonSerializer.Serialize(writer, new Parameters { Kind = value.Kind, Alpha = value.Alpha, Beta = value.Beta }, options);
        }
    }

    sealed record Parameters
    {
        public required ActivationKind Kind { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Alpha { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Beta { get; init; }
    }
}
