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

    /// <summary>How many generations there are, which are kept, and what is told of them.</summary>
    public ChoiceOptions Choice { get; init; } = new();

    /// <summary>Whether the generations are told one by one: several, or those of a beam search.</summary>
    public bool TellsChoices => Choice.N > 1 || Choice.Beams is not null;
}
