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
    internal override string Meaning => field ??= MeaningOf("features", Features.SelectMany(feature => new[] { feature.Name, feature.Unit }));

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
            return new InputSequence(vector, Size) { Rows = [single] };
        }

        var rows = input.Values ?? [];
        var vectors = new float[rows.Count * Size];
        for (var timestep = 0; timestep < rows.Count; timestep++)
        {
            Encode($"/values/{timestep}", rows[timestep] ?? [], vectors.AsSpan(timestep * Size, Size));
        }

        return new InputSequence(vectors, Size) { Rows = rows };
    }

    /// <summary>Refuses a row of another number of values than there are features.</summary>
    internal void ExpectCount(string pointer, int count)
    {
        if (count != Features.Count)
        {
            throw EngineException.Input(
                pointer, $"There are {count} values; this model reads {Features.Count}: {string.Join(", ", Features.Select(feature => feature.Name))}.");
        }
    }

    void Encode(string pointer, IReadOnlyList<double> row, Span<float> vector)
    {
        ExpectCount(pointer, row.Count);
        for (var i = 0; i < row.Count; i++)
        {
            if (!TryEncode(Features[i], row[i], ref vector))
            {
                throw EngineException.Input(
                    $"{pointer}/{i}", $"{Features[i].Name} must be a number that float32 holds, within the range of its scaling.");
            }
        }
    }

    /// <summary>Writes the inputs that a feature's value becomes.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="value">In the user's unit.</param>
    /// <param name="vector">Begins with the room for them; what is left of it afterwards.</param>
    /// <returns>Whether the value and all of its inputs are finite in float32.</returns>
    internal static bool TryEncode(Quantity feature, double value, ref Span<float> vector)
    {
        var inputs = vector[..Width(feature)];
        vector = vector[inputs.Length..];
        if (feature.Scaling is { } scaling)
        {
            scaling.Scale(value, inputs);
        }
        else
        {
            inputs[0] = (float)value;
        }

        return float.IsFinite((float)value) && float.IsFinite(inputs[0]);
    }

    static int Width(Quantity feature) => feature.Scaling?.Width ?? 1;
}
