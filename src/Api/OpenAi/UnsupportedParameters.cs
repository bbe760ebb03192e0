using System.Collections.Frozen;
using System.Text.Json;
using Rnn.Engine;

namespace Rnn.Api.OpenAi;

/// <summary>
/// Parameters that clients of completions know and that can't be had here: to leave one out silently would give another text than was
/// asked for. What nobody knows is passed over, as OpenAI's dialect grows.
/// </summary>
static class UnsupportedParameters
{
    const string OfChat = "it belongs to chat, and these models continue text";
    const string OfNative = "the native protocol's generate has it";

    static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["suffix"] = "a recurrent model reads from the left to the right and knows nothing of what follows",
        ["messages"] = OfChat,
        ["tools"] = OfChat,
        ["tool_choice"] = OfChat,
        ["parallel_tool_calls"] = OfChat,
        ["functions"] = OfChat,
        ["function_call"] = OfChat,
        ["response_format"] = $"{OfChat}; the native protocol's generate takes a pattern that the text matches",
        ["top_logprobs"] = $"{OfChat}; logprobs says here how many alternatives are told",
        ["max_completion_tokens"] = $"{OfChat}; max_tokens says here how many tokens are generated",
        ["modalities"] = OfChat,
        ["audio"] = OfChat,
        ["prediction"] = OfChat,
        ["reasoning_effort"] = OfChat,
        ["web_search_options"] = OfChat,
        ["top_k"] = $"{OfNative} as topK",
        ["min_p"] = $"{OfNative} as minP",
        ["typical_p"] = $"{OfNative} as typicalP",
        ["repetition_penalty"] = $"{OfNative} as repetitionPenalty",
        ["use_beam_search"] = $"{OfNative} as beams",
        ["session"] = "calls under /v1 are stateless; sessions are the native protocol's",
    }.ToFrozenDictionary();

    /// <exception cref="EngineException">One of the parameters is among them.</exception>
    public static void Refuse(IEnumerable<KeyValuePair<string, JsonElement>>? parameters)
    {
        foreach (var (name, value) in parameters ?? [])
        {
            if (value.ValueKind != JsonValueKind.Null && Reasons.TryGetValue(name, out var reason))
            {
                throw new EngineException(ErrorKind.NotSupported, $"{name} is not supported: {reason}.", $"/{name}");
            }
        }
    }
}
