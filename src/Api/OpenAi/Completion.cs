using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Rnn.Api.OpenAi;

/// <summary>A completion, and each chunk of a stream of one: the same shape.</summary>
public record Completion
{
    [JsonPropertyName("id"), Description("Its name; the same in all chunks of a stream.")]
    public required string Id { get; init; }

    [JsonPropertyName("object"), Description("text_completion.")]
    public string Object => "text_completion";

    [JsonPropertyName("created"), Description("When it was asked for, in seconds since 1970.")]
    public required long Created { get; init; }

    [JsonPropertyName("model"), Description("The model's name.")]
    public required string Model { get; init; }

    [JsonPropertyName("system_fingerprint"), Description("Identifies the weights: with the same one, the same seed draws the same text.")]
    public required string SystemFingerprint { get; init; }

    [JsonPropertyName("choices"), Description("Those of the first prompt, then those of the next.")]
    public IReadOnlyList<CompletionChoice> Choices { get; init; } = [];

    [JsonPropertyName("usage"), Description("How many tokens there were.")]
    public virtual Usage? Usage { get; init; }
}

/// <summary>A chunk of a stream that tells the usage: in the last one, and null in the others.</summary>
public sealed record CountedCompletion : Completion
{
    [JsonPropertyName("usage"), JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public override Usage? Usage { get; init; }
}

/// <summary>One of the texts, or in a stream what it goes on with.</summary>
public sealed record CompletionChoice
{
    [JsonPropertyName("text"), Description("The text; in a stream what is added to it.")]
    public required string Text { get; init; }

    [JsonPropertyName("index"), Description("Its number, from 0.")]
    public required int Index { get; init; }

    [JsonPropertyName("logprobs"), JsonIgnore(Condition = JsonIgnoreCondition.Never), Description("How probable its tokens were, if that was asked for.")]
    public CompletionLogprobs? Logprobs { get; init; }

    [JsonPropertyName("finish_reason"), JsonIgnore(Condition = JsonIgnoreCondition.Never), Description("Why it ended: stop or length. Null while it goes on.")]
    public string? FinishReason { get; init; }
}

/// <summary>How probable tokens were: four arrays, an entry for each token.</summary>
public sealed record CompletionLogprobs
{
    [JsonPropertyName("text_offset"), Description("Where it begins in the text, in Unicode code points.")]
    public required IReadOnlyList<int> TextOffset { get; init; }

    [JsonPropertyName("token_logprobs"), Description("Its natural log-probability in the model's own distribution; null of a first token of which the model says nothing.")]
    public required IReadOnlyList<float?> TokenLogprobs { get; init; }

    [JsonPropertyName("tokens"), Description("What it adds to the text.")]
    public required IReadOnlyList<string> Tokens { get; init; }

    [JsonPropertyName("top_logprobs"), Description("The most probable tokens in its place, as many as were asked for, and itself.")]
    public required IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs { get; init; }

    internal static CompletionLogprobs Of(IReadOnlyList<CompletionPiece> pieces) => new()
    {
        TextOffset = [.. pieces.Select(piece => piece.Offset)],
        TokenLogprobs = [.. pieces.Select(piece => piece.Token!.Score?.LogProbability)],
        Tokens = [.. pieces.Select(piece => piece.Token!.Text)],
        TopLogprobs = [.. pieces.Select(TopOf)],
    };

    static Dictionary<string, float>? TopOf(CompletionPiece piece)
    {
        if (piece.Token!.Score is not { LogProbability: { } own } score)
        {
            return null;
        }

        var top = new Dictionary<string, float>();
        foreach (var token in score.Top)
        {
            top.TryAdd(token.Text, token.LogProbability);
        }

        top.TryAdd(piece.Token.Text, own);
        return top;
    }
}

/// <summary>How many tokens a call took.</summary>
public sealed record Usage
{
    [JsonPropertyName("prompt_tokens"), Description("Tokens that were read before, a start token included.")]
    public required long PromptTokens { get; init; }

    [JsonPropertyName("completion_tokens"), Description("Tokens of the choices that are told; those of a stop string are not.")]
    public long? CompletionTokens { get; init; }

    [JsonPropertyName("total_tokens"), Description("Their sum.")]
    public long TotalTokens => PromptTokens + (CompletionTokens ?? 0);
}
