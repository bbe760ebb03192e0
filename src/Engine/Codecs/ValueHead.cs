namespace Rnn.Engine.Codecs;

/// <summary>Values, scaled back to the user's units.</summary>
/// <param name="quantities">One for each output.</param>
public sealed class ValueHead(IReadOnlyList<Quantity> quantities) : OutputHead
{
    /// <summary>What each output is.</summary>
    public IReadOnlyList<Quantity> Quantities => quantities;

    /// <inheritdoc/>
    public override int Size => quantities.Count;

    /// <inheritdoc/>
    public override Output Decode(ReadOnlySpan<float> raw, int top) => new ValueVector(Values(raw));

    /// <inheritdoc/>
    public override float[] Values(ReadOnlySpan<float> raw)
    {
        var values = new float[raw.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(quantities[i].Scaling?.Unscale(raw[i]) ?? raw[i]);
            if (!float.IsFinite(values[i]))
            {
                throw new EngineException(
                    ErrorKind.InvalidInput, $"{quantities[i].Name} leaves the range of float32 with these inputs.");
            }
        }

        return values;
    }
}
