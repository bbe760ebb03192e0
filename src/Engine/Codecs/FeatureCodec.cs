namespace Rnn.Engine.Codecs;

/// <summary>Numeric features, each scaled from the user's unit to what the network was trained on.</summary>
public sealed class FeatureCodec : InputCodec
{
    /// <param name="features">The features in the order in which the user gives them.</param>
    public FeatureCodec(IReadOnlyList<Quantity> features)
    {
        Features = features;
        Size = features.Sum(Width);
    }

    /// <summary>The features in the order in which the user gives them.</summary>
    public IReadOnlyList<Quantity> Features { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    internal override string Reads => "numeric features in 'values'";

    /// <inheritdoc/>
    public override InputSequence Encode(ModelInput input)
    {
        Refuse(input.Text, "text");
        Refuse(input.Tokens, "tokens");
        Refuse(input.Words, "words");

        if (input.Vector is { } single)
        {
            var vector = new float[Size];
            Encode("/values", single, vector);
            return new InputSequence(vector, Size);
        }

        var rows = input.Values ?? [];
        var vectors = new float[rows.Count * Size];
        for (var timestep = 0; timestep < rows.Count; timestep++)
        {
            Encode($"/values/{timestep}", rows[timestep] ?? [], vectors.AsSpan(timestep * Size, Size));
        }

        return new InputSequence(vectors, Size);
    }

    void Encode(string pointer, IReadOnlyList<double> row, Span<float> vector)
    {
        if (row.Count != Features.Count)
        {
            throw EngineException.Input(
                pointer, $"There are {row.Count} values; this model reads {Features.Count}: {string.Join(", ", Features.Select(feature => feature.Name))}.");
        }

        for (var i = 0; i < row.Count; i++)
        {
            var feature = Features[i];
            var inputs = vector[..Width(feature)];
            vector = vector[inputs.Length..];
            if (feature.Scaling is { } scaling)
            {
                scaling.Scale(row[i], inputs);
            }
            else
            {
                inputs[0] = (float)row[i];
            }

            if (!float.IsFinite((float)row[i]) || !float.IsFinite(inputs[0]))
            {
                throw EngineException.Input(
                    $"{pointer}/{i}", $"{feature.Name} must be a number that float32 holds, within the range of its scaling.");
            }
        }
    }

    static int Width(Quantity feature) => feature.Scaling?.Width ?? 1;
}
