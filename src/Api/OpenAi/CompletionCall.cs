using System.Globalization;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;

namespace Rnn.Api.OpenAi;

/// <summary>A completion as the engine runs it: one request for each prompt, and how much is told of each.</summary>
/// <param name="Model">The model.</param>
/// <param name="Requests">In the order of the prompts.</param>
/// <param name="Prompts">The prompts.</param>
sealed record CompletionCall(RecurrentModel Model, IReadOnlyList<InferenceRequest> Requests, TextInputs Prompts)
{
    const int DefaultMaxTokens = 16;

    /// <summary>How many choices each prompt has.</summary>
    public required int N { get; init; }

    /// <summary>Whether the prompt is told before what is generated.</summary>
    public required bool Echoes { get; init; }

    /// <summary>Whether log-probabilities are told.</summary>
    public required bool TellsLogprobs { get; init; }

    /// <summary>Checks a request as the reference of completions says.</summary>
    /// <exception cref="EngineException">A parameter is out of its range, or does not go with another or with the model; the pointer names it.</exception>
    public static CompletionCall Of(CompletionRequest body, InferenceEngine engine, RequestLimits limits, ServerOptions server)
    {
        UnsupportedParameters.Refuse(body.Others);
        var model = ModelList.Draw(engine.Models, body.Model ?? throw EngineException.Input("/model", "model is missing; GET /v1/models lists what there is."));
        if (!model.PredictsTokens)
        {
            throw new EngineException(ErrorKind.NotSupported, $"Model '{model.Name}' does not complete text; it offers embeddings.");
        }

        var prompts = body.Prompt ?? throw EngineException.Input("/prompt", "prompt is missing; null begins with what the model tells by itself.");
        var (n, maxTokens) = (body.N ?? 1, body.MaxTokens ?? DefaultMaxTokens);
        Check(body, limits);
        ExpectInAll(prompts, maxTokens, body.BestOf > 1 ? body.BestOf.Value : n, limits, server);
        if (maxTokens == 0 && model.Encoder is not null)
        {
            throw EngineException.Input("/max_tokens", $"Model '{model.Name}' is an encoder-decoder, whose prompt is no beginning of the text; max_tokens must be 1 or more.");
        }

        var generation = GenerationOf(body, model, n, maxTokens);
        var request = new InferenceRequest { Model = model.Name, Version = model.Version };
        request = maxTokens == 0 ? request with { ScoredTop = body.Logprobs ?? 0 } : request with { Generation = generation };
        return new(model, [.. prompts.All.Select(prompt => request with { Input = prompt })], prompts)
        {
            N = n,
            Echoes = body.Echo == true,
            TellsLogprobs = body.Logprobs is not null,
        };
    }

    static GenerationOptions GenerationOf(CompletionRequest body, RecurrentModel model, int n, int maxTokens) => new()
    {
        MaxLength = maxTokens,
        Stop = body.Stop?.All ?? [],
        Sampling = new()
        {
            Temperature = body.Temperature ?? 1,
            TopP = body.TopP is null or 0 ? 1 : body.TopP.Value,
            TopK = body.TopP == 0 ? 1 : null,              // the least probability that is reached is one token's
            PresencePenalty = body.PresencePenalty ?? 0,
            FrequencyPenalty = body.FrequencyPenalty ?? 0,
            LogitBias = BiasesOf(body.LogitBias, model),
            Seed = body.Seed is { } seed ? unchecked((ulong)seed) : null,
        },
        Choice = new()
        {
            LogProbabilities = body.Logprobs,
            Echo = body.Echo == true,
            N = n,
            Limit = CompletionRequest.MaxN,
            BestOf = body.BestOf > 1 ? body.BestOf : null,
        },
    };

    static void Check(CompletionRequest body, RequestLimits limits)
    {
        Expect("max_tokens", body.MaxTokens, 0, limits.MaxGeneratedLength);
        Expect("temperature", body.Temperature, 0, CompletionRequest.MaxTemperature);
        Expect("top_p", body.TopP, 0, 1);
        Expect("n", body.N, 1, CompletionRequest.MaxN);
        Expect("best_of", body.BestOf, 0, CompletionRequest.MaxBestOf);
        Expect("logprobs", body.Logprobs, 0, CompletionRequest.MaxLogprobs);
        Expect("presence_penalty", body.PresencePenalty, -2, 2);
        Expect("frequency_penalty", body.FrequencyPenalty, -2, 2);
        if (body.Stop?.All.Count > CompletionRequest.MaxStops)
        {
            throw EngineException.Input("/stop", $"stop has {body.Stop.All.Count} strings; at most {CompletionRequest.MaxStops} are taken.");
        }

        // One of one is what both are if they are left out.
        if (body is { BestOf: { } bestOf, N: var n } && bestOf <= (n ?? 0) && (bestOf, n) is not (1, 1))
        {
            throw EngineException.Input("/best_of", $"best_of must be more than n, which is {n}.");
        }

        if (body is { BestOf: > 1, Stream: true })
        {
            throw EngineException.Input("/best_of", "Which are the best is known when all have ended; leave best_of out, or stream.");
        }

        if (body.StreamOptions is not null && body.Stream != true)
        {
            throw EngineException.Input("/stream_options", "stream_options are those of a stream; leave them out, or set stream.");
        }
    }

    /// <summary>One call generates so much in all, whether it is in choices or in prompts.</summary>
    static void ExpectInAll(TextInputs prompts, int maxTokens, int sequences, RequestLimits limits, ServerOptions server)
    {
        if (prompts.All.Count > server.MaxBatchInputs)
        {
            throw EngineException.Input("/prompt", $"There are {prompts.All.Count} prompts; one call takes at most {server.MaxBatchInputs} (Server:MaxBatchInputs).");
        }

        var all = (long)prompts.All.Count * sequences;
        if (all > 1 && all * maxTokens > limits.MaxGeneratedInAll)
        {
            throw EngineException.Input(
                "/max_tokens", $"{all} choices of {maxTokens} tokens are {all * maxTokens}; one call generates at most {limits.MaxGeneratedInAll} in all (Limits:MaxGeneratedInAll).");
        }
    }

    static void Expect(string name, double? value, double least, double most)
    {
        if (!(value is null || (value >= least && value <= most)))
        {
            throw EngineException.Input($"/{name}", FormattableString.Invariant($"{name} must be {least} to {most}; it is {value}."));
        }
    }

    /// <summary>Here a token is its index, and the engine takes an index for the text first: of a digit it would take the wrong one.</summary>
    static Dictionary<string, double> BiasesOf(IReadOnlyDictionary<string, double>? biases, RecurrentModel model)
    {
        var tokens = ((TokenCodec)model.Input).Vocabulary.Tokens;
        var named = new Dictionary<string, double>();
        foreach (var (key, bias) in biases ?? new Dictionary<string, double>())
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= tokens.Count)
            {
                throw EngineException.Input("/logit_bias", $"'{key}' is no token of model '{model.Name}': indices go from 0 to {tokens.Count - 1}.");
            }

            Expect("logit_bias", bias, -100, 100);
            if (!named.TryAdd(tokens[index], bias))
            {
                throw EngineException.Input("/logit_bias", $"Token {index} has two biases.");
            }
        }

        return named;
    }
}
