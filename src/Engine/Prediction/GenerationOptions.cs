using Rnn.Engine.Sampling;

namespace Rnn.Engine.Prediction;

/// <summary>How long to generate, and how to draw.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most timesteps to generate. 1 or more.</summary>
    public int MaxLength { get; init; } = 256;

    /// <summary>Texts that end the generation; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>How a token is drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();
}
