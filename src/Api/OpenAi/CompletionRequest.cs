using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rnn.Api.OpenAi;

/// <summary>What <c>POST /v1/completions</c> takes. A member that is null is as one that is left out.</summary>
public sealed record CompletionRequest
{
    /// <summary>The most stop strings.</summary>
    internal const int MaxStops = 4;

    /// <summary>The most alternatives of a token.</summary>
    internal const int MaxLogprobs = 5;

    /// <summary>The most choices of a prompt.</summary>
    internal const int MaxN = 128;

    /// <summary>The most that are drawn to tell the best of.</summary>
    internal const int MaxBestOf = 20;

    /// <summary>The highest temperature.</summary>
    internal const double MaxTemperature = 2;

    [JsonPropertyName("model"), Description("The model's name.")]
    public string? Model { get; init; }

    [JsonPropertyName("prompt"), Description("A text, several texts, token indices, or several arrays of them; null for what a model with a start token begins by itself. The source of an encoder-decoder.")]
    public TextInputs? Prompt { get; init; }

    [JsonPropertyName("max_tokens"), Description("Most tokens to generate; 0 to read the prompt only. 16 if left out."), Range(0, int.MaxValue)]
    public int? MaxTokens { get; init; }

    [JsonPropertyName("temperature"), Description("Divides the logits: 0 always takes the most probable token. 1 if left out."), Range(0, MaxTemperature)]
    public double? Temperature { get; init; }

    [JsonPropertyName("top_p"), Description("Draw only from the most probable tokens that together reach this probability. 1 if left out."), Range(0.0, 1.0)]
    public double? TopP { get; init; }

    [JsonPropertyName("n"), Description("How many choices to reply with for each prompt. 1 if left out."), Range(1, MaxN)]
    public int? N { get; init; }

    [JsonPropertyName("best_of"), Description("How many to draw, of which the n with the highest log-probability per token are told; more than n, and not with stream."), Range(0, MaxBestOf)]
    public int? BestOf { get; init; }

    [JsonPropertyName("stream"), Description("Whether to send each token as a server-sent event as soon as it is drawn.")]
    public bool? Stream { get; init; }

    [JsonPropertyName("stream_options"), Description("What a stream tells; only with stream.")]
    public StreamOptions? StreamOptions { get; init; }

    [JsonPropertyName("logprobs"), Description("Tells each token's log-probability in the model's own distribution, and so many of the most probable alternatives."), Range(0, MaxLogprobs)]
    public int? Logprobs { get; init; }

    [JsonPropertyName("echo"), Description("Whether the text begins with the prompt's.")]
    public bool? Echo { get; init; }

    [JsonPropertyName("stop"), Description("A text, or up to 4, that ends a choice; it is not part of it.")]
    public StopStrings? Stop { get; init; }

    [JsonPropertyName("presence_penalty"), Description("Taken off the logit of each token that the generated text has."), Range(-2.0, 2.0)]
    public double? PresencePenalty { get; init; }

    [JsonPropertyName("frequency_penalty"), Description("Taken off the logit of a token each time that the generated text has it."), Range(-2.0, 2.0)]
    public double? FrequencyPenalty { get; init; }

    [JsonPropertyName("logit_bias"), Description("Added to the logits of tokens, -100 to 100 each, by their indices: -100 bans a token, 100 forces it.")]
    public IReadOnlyDictionary<string, double>? LogitBias { get; init; }

    [JsonPropertyName("seed"), Description("The same seed draws the same text.")]
    public long? Seed { get; init; }

    [JsonPropertyName("user"), Description("Taken, and without effect.")]
    public string? User { get; init; }

    /// <summary>Members that the reference of completions does not have.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>What a stream tells beside the text. Members that are not known are passed over.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record StreamOptions
{
    [JsonPropertyName("include_usage"), Description("Whether a last chunk tells the usage.")]
    public bool? IncludeUsage { get; init; }

    [JsonPropertyName("include_obfuscation"), Description("Taken, and without effect: nothing is added to hide the lengths of tokens.")]
    public bool? IncludeObfuscation { get; init; }
}
