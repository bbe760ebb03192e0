namespace Rnn.Engine.Layers;

/// <summary>
/// The inputs of one timestep for a batch, or of several timesteps for one sequence: tokens [rows], or vectors [rows, I];
/// the other is empty.
/// </summary>
public readonly ref struct StepInput
{
    StepInput(ReadOnlySpan<int> tokens, ReadOnlySpan<float> vectors)
    {
        Tokens = tokens;
        Vectors = vectors;
    }

    /// <summary>One token for each row.</summary>
    public ReadOnlySpan<int> Tokens { get; }

    /// <summary>One vector for each row.</summary>
    public ReadOnlySpan<float> Vectors { get; }

    /// <summary>Inputs of a network that takes tokens.</summary>
    public static StepInput Of(ReadOnlySpan<int> tokens) => new(tokens, []);

    /// <summary>Inputs of a network that takes vectors.</summary>
    public static StepInput Of(ReadOnlySpan<float> vectors) => new([], vectors);
}
