using System.Buffers.Binary;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rnn.Api.OpenAi;

/// <summary>The embeddings of all inputs, in their order.</summary>
public sealed record EmbeddingResponse
{
    [JsonPropertyName("object"), Description("list.")]
    public string Object => "list";

    [JsonPropertyName("data"), Description("One for each input.")]
    public required IReadOnlyList<EmbeddingDocument> Data { get; init; }

    [JsonPropertyName("model"), Description("The model's name.")]
    public required string Model { get; init; }

    [JsonPropertyName("usage"), Description("How many tokens were read.")]
    public required Usage Usage { get; init; }
}

/// <summary>One embedding.</summary>
public sealed record EmbeddingDocument
{
    [JsonPropertyName("object"), Description("embedding.")]
    public string Object => "embedding";

    [JsonPropertyName("index"), Description("Which input it belongs to, from 0.")]
    public required int Index { get; init; }

    [JsonPropertyName("embedding"), Description("The numbers, or with encoding_format base64 their bytes.")]
    public required EmbeddingVector Embedding { get; init; }
}

/// <summary>The numbers of an embedding.</summary>
/// <param name="Values">Their length is 1.</param>
/// <param name="IsBase64">Whether they are written as bytes, little-endian float32, in base64.</param>
[JsonConverter(typeof(EmbeddingVectorConverter))]
public sealed record EmbeddingVector(float[] Values, bool IsBase64);

/// <summary>Writes either form.</summary>
sealed class EmbeddingVectorConverter : JsonConverter<EmbeddingVector>
{
    public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("A reply is written only.");

    public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
    {
        if (value.IsBase64)
        {
            var bytes = new byte[value.Values.Length * sizeof(float)];
            foreach (var (index, number) in value.Values.Index())
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), number);
            }

            writer.WriteBase64StringValue(bytes);
            return;
        }

        writer.WriteStartArray();
        foreach (var number in value.Values)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }
}
