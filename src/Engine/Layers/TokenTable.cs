namespace Rnn.Engine.Layers;

/// <summary>
/// Tokens as the first layer's input. If that layer is recurrent, and the table is not too large, the projection of every
/// token is computed once: a token then costs a copy instead of a product, with the same bits.
/// </summary>
sealed class TokenTable
{
    // 8 MiB: beyond, a row has to come from memory and is no cheaper than the product.
    const int MaxTableFloats = 2 << 20;

    readonly Embedding _embedding;
    readonly RecurrentLayer? _layer;
    readonly float[]? _table;

    /// <param name="embedding">The vector of each token.</param>
    /// <param name="layer">The first layer, if it is recurrent.</param>
    public TokenTable(Embedding embedding, RecurrentLayer? layer)
    {
        _embedding = embedding;
        _layer = layer;
        if (layer is null || (long)embedding.VocabularySize * layer.ProjectedSize > MaxTableFloats)
        {
            return;
        }

        _table = new float[embedding.VocabularySize * layer.ProjectedSize];
        layer.Project(embedding.VocabularySize, embedding.Table, _table);
    }

    /// <summary>Writes the vector of each token, [rows, E].</summary>
    public void Look(ReadOnlySpan<int> tokens, Span<float> x) => _embedding.Look(tokens, x);

    /// <summary>Writes the first layer's projection of each token.</summary>
    /// <param name="tokens">The tokens of the rows.</param>
    /// <param name="z">[rows, projected size].</param>
    /// <param name="scratch">At least rows * E floats.</param>
    public void Project(ReadOnlySpan<int> tokens, Span<float> z, Span<float> scratch)
    {
        if (_table is null)
        {
            var x = scratch[..(tokens.Length * _embedding.Size)];
            _embedding.Look(tokens, x);
            _layer!.Project(tokens.Length, x, z);
            return;
        }

        var width = _layer!.ProjectedSize;
        for (var row = 0; row < tokens.Length; row++)
        {
            _table.AsSpan(tokens[row] * width, width).CopyTo(z[(row * width)..]);
        }
    }
}
