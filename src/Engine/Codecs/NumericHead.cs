namespace Rnn.Engine.Codecs;

/// <summary>Numbers in the user's units, as such or with a distribution around them.</summary>
/// <param name="quantities">What each of them is.</param>
public abstract class NumericHead(IReadOnlyList<Quantity> quantities) : OutputHead
{
    /// <summary>What each of the numbers is.</summary>
    public IReadOnlyList<Quantity> Quantities => quantities;

    /// <summary>The number that is told of each: the value, or the median of its distribution; in the user's units.</summary>
    /// <param name="raw">The network's output, [O].</param>
    /// <exception cref="EngineException">One leaves the range of float32.</exception>
    public abstract float[] Points(ReadOnlySpan<float> raw);

    /// <summary>A number in the user's unit, from the network's scale.</summary>
    /// <param name="value">Which of the numbers.</param>
    /// <param name="scaled">It, as the network gives it.</param>
    /// <exception cref="EngineException">It leaves the range of float32.</exception>
    private protected float Unscale(int value, double scaled)
    {
        var unscaled = (float)(quantities[value].Scaling?.Unscale(scaled) ?? scaled);
        return float.IsFinite(unscaled)
            ? unscaled
            : throw new EngineException(ErrorKind.InvalidInput, $"{quantities[value].Name} leaves the range of float32 with these inputs.");
    }
}
