namespace Rnn.Engine.Sampling;

/// <summary>How a token is drawn from the model's distribution.</summary>
public sealed record SamplingOptions
{
    /// <summary>The highest temperature that is taken.</summary>
    public const double MaxTemperature = 10;

    /// <summary>The lowest repetition penalty that is taken.</summary>
    public const double MinRepetitionPenalty = 0.1;

    /// <summary>The highest repetition penalty that is taken.</summary>
    public const double MaxRepetitionPenalty = 10;

    /// <summary>The highest presence and frequency penalty that are taken; the lowest is its negative.</summary>
    public const double MaxPenalty = 2;

    /// <summary>The highest bias that is taken; the lowest is its negative.</summary>
    public const double MaxBias = 100;

    /// <summary>The longest pattern that is taken, in characters.</summary>
    public const int MaxPatternLength = 2_000;

    /// <summary>Divides the logits. Below 1 sharpens, above 1 flattens; 0 takes the most probable token always. 0 to 10.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k most probable tokens are drawn from; null for all. 1 or more.</summary>
    public int? TopK { get; init; }

    /// <summary>Only the most probable tokens that together reach this probability are drawn from. Above 0, up to 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only tokens at least this many times as probable as the most probable one are drawn from. 0 to 1.</summary>
    public double MinP { get; init; }

    /// <summary>Only the tokens whose surprise is nearest to the expected one, and that together reach this probability, are drawn from. Above 0, up to 1.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Makes tokens of the prompt and of the generated text less probable above 1, more below. 0.1 to 10.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken off the logit of each token that the generated text has. -2 to 2.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Taken off the logit of a token each time that the generated text has it. -2 to 2.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens, each named by its text, or by its index if no token has that text. -100 to 100.</summary>
    public IReadOnlyDictionary<string, double> LogitBias { get; init; } = new Dictionary<string, double>();

    /// <summary>The regular expression that the whole text matches; null for any text.</summary>
    public string? Pattern { get; init; }

    /// <summary>The same seed draws the same tokens; null takes a fresh one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether a token's logit depends on the text before beyond what the model makes of it.</summary>
    public bool HasPenalties => RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0;

    /// <summary>The first option, but for <see cref="Pattern"/>, that bears on drawing only and is not as it is if left out; null if there is none.</summary>
    internal string? FirstOfDrawing =>
        Temperature != 1 ? "temperature"
        : TopK is not null ? "topK"
        : TopP != 1 ? "topP"
        : Seed is not null ? "seed"
        : FirstOfTokens;

    /// <summary>The first option, but for <see cref="Pattern"/>, that can't mean anything where no tokens are drawn; null if there is none.</summary>
    internal string? FirstOfTokens =>
        MinP != 0 ? "minP"
        : TypicalP != 1 ? "typicalP"
        : RepetitionPenalty != 1 ? "repetitionPenalty"
        : PresencePenalty != 0 ? "presencePenalty"
        : FrequencyPenalty != 0 ? "frequencyPenalty"
        : LogitBias.Count > 0 ? "logitBias"
        : null;

    /// <summary>Checks every range.</summary>
    /// <exception cref="EngineException">A value lies outside; the pointer names it.</exception>
    public void Validate()
    {
        InRange("temperature", Temperature, 0, MaxTemperature);
        if (TopK < 1)
        {
            throw EngineException.Input("/topK", "topK must be 1 or more.");
        }

        IsShare("topP", TopP);
        InRange("minP", MinP, 0, 1);
        IsShare("typicalP", TypicalP);
        InRange("repetitionPenalty", RepetitionPenalty, MinRepetitionPenalty, MaxRepetitionPenalty);
        InRange("presencePenalty", PresencePenalty, -MaxPenalty, MaxPenalty);
        InRange("frequencyPenalty", FrequencyPenalty, -MaxPenalty, MaxPenalty);
    }

    static void InRange(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw EngineException.Input($"/{name}", FormattableString.Invariant($"{name} must be {least} to {most}."));
        }
    }

    static void IsShare(string name, double value)
    {
        if (!(value > 0 && value <= 1))
        {
            throw EngineException.Input($"/{name}", $"{name} must be above 0 and at most 1.");
        }
    }
}
