namespace Rnn.Engine.Layers;

/// <summary>Several tables, one for each index of a vector: y = [W_1[x_1], ..., W_K[x_K]].</summary>
/// <param name="tables">W_k [V_k, E_k].</param>
public sealed class EmbeddingsLayer(IReadOnlyList<Embedding> tables) : PointwiseLayer
{
    /// <inheritdoc/>
    public override int InputSize => tables.Count;

    /// <inheritdoc/>
    public override int OutputSize { get; } = tables.Sum(table => table.Size);

    /// <inheritdoc/>
    public override int ScratchSize => OutputSize;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Apply(int rows, ReadOnlySpan<float> x, Span<float> scratch)
    {
        var y = scratch[..(rows * OutputSize)];
        var rest = y;
        for (var i = 0; i < rows * tables.Count; i++)
        {
            var table = tables[i % tables.Count];
            table.Look([(int)x[i]], rest);
            rest = rest[table.Size..];
        }

        return y;
    }
}
