using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rnn.Api.OpenAi;

/// <summary>What <c>POST /v1/embeddings</c> takes.</summary>
public sealed record EmbeddingRequest
{
    [JsonPropertyName("model"), Description("The model's name.")]
    public string? Model { get; init; }

    [JsonPropertyName("input"), Description("A text, several texts, token indices, or several arrays of them.")]
    public TextInputs? Input { get; init; }

    [JsonPropertyName("encoding_format"), Description("float, or base64 of little-endian float32. float if left out.")]
    public string? EncodingFormat { get; init; }

    [JsonPropertyName("dimensions"), Description("The width of the model's embeddings; they can't be had narrower.")]
    public int? Dimensions { get; init; }

    [JsonPropertyName("user"), Description("Taken, and without effect.")]
    public string? User { get; init; }

    /// <summary>Members that are not known; passed over.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; set; }
}
