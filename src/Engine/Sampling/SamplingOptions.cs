namespace Rnn.Engine.Sampling;

/// <summary>How a token is drawn from the model's distribution.</summary>
public sealed record SamplingOptions
{
    /// <summary>The highest temperature that is taken.</summary>
    public const double MaxTemperature = 10;

    /// <summary>Divides the logits. Below 1 sharpens, above 1 flattens; 0 takes the most probable token always. 0 to 10.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k most probable tokens are drawn from; null for all. 1 or more.</summary>
    public int? TopK { get; init; }

    /// <summary>Only the most probable tokens that together reach this probability are drawn from. Above 0, up to 1.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>The same seed draws the same tokens; null takes a fresh one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="EngineException">A value lies outside; the pointer names it.</exception>
    public void Validate()
    {
        if (!(Temperature >= 0 && Temperature <= MaxTemperature))
        {
            throw EngineException.Input("/temperature", $"temperature must be 0 to {MaxTemperature}.");
        }

        if (TopK < 1)
        {
            throw EngineException.Input("/topK", "topK must be 1 or more.");
        }

        if (!(TopP > 0 && TopP <= 1))
        {
            throw EngineException.Input("/topP", "topP must be above 0 and at most 1.");
        }
    }
}
