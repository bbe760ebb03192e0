using Rnn.Engine.Codecs;

namespace Rnn.Engine.Prediction;

/// <summary>The output of one timestep.</summary>
/// <param name="Step">How many timesteps led to it, since the zero state.</param>
/// <param name="Output">What the model gave, in the user's terms.</param>
public sealed record Timestep(long Step, Output Output)
{
    /// <summary>Which of several generations it belongs to, from 0.</summary>
    public int Choice { get; init; }
}
