using System.Text.Json.Serialization;

namespace Rnn.Engine.Codecs;

/// <summary>A named number that goes into or comes out of a model.</summary>
/// <param name="Name">What it is, such as <c>temperature</c>.</param>
/// <param name="Unit">The unit that the user reads and writes, such as <c>°C</c>; null for a plain number.</param>
/// <param name="Scaling">How it is scaled for the network; null if it is not.</param>
public sealed record Quantity(string Name, string? Unit = null, Scaling? Scaling = null)
{
    /// <summary>What of a timestep's time it is; null if it does not follow from the time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Calendar? Calendar { get; init; }
}
