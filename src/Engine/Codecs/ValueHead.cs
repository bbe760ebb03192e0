namespace Rnn.Engine.Codecs;

/// <summary>Values, scaled back to the user's units.</summary>
/// <inheritdoc cref="NumericHead" path="/param"/>
public sealed class ValueHead(IReadOnlyList<Quantity> quantities) : NumericHead(quantities)
{
    /// <inheritdoc/>
    public override int Size => Quantities.Count;

    /// <inheritdoc/>
    public override Output Decode(ReadOnlySpan<float> raw, int top) => new ValueVector(Points(raw));

    /// <inheritdoc/>
    public override float[] Values(ReadOnlySpan<float> raw) => Points(raw);

    /// <inheritdoc/>
    public override float[] Points(ReadOnlySpan<float> raw)
    {
        var values = new float[raw.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Unscale(i, raw[i]);
        }

        return values;
    }
}
