namespace Rnn.Engine.Layers;

/// <summary>A table of vectors, one for each token: x = W[token]. Weights W [V, E].</summary>
public sealed class Embedding
{
    readonly float[] _table;

    /// <param name="vocabularySize">V, the number of tokens.</param>
    /// <param name="size">E, the width of a vector.</param>
    /// <param name="table">W [V, E], row by row; kept, not copied.</param>
    public Embedding(int vocabularySize, int size, float[] table)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Length, (long)vocabularySize * size);
        VocabularySize = vocabularySize;
        Size = size;
        _table = table;
    }

    /// <summary>V, the number of tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>E, the width of a vector.</summary>
    public int Size { get; }

    /// <summary>The vectors of all tokens, [V, E].</summary>
    public ReadOnlySpan<float> Table => _table;

    /// <summary>A token as the vector that is 1 at its index and 0 elsewhere, for networks trained without an embedding.</summary>
    public static Embedding OneHot(int vocabularySize)
    {
        var identity = new float[vocabularySize * vocabularySize];
        for (var token = 0; token < vocabularySize; token++)
        {
            identity[token * vocabularySize + token] = 1;
        }

        return new Embedding(vocabularySize, vocabularySize, identity);
    }

    /// <summary>Writes the vector of each token: x [B, E].</summary>
    /// <param name="tokens">B token indices below V.</param>
    /// <param name="x">[B, E]; overwritten.</param>
    public void Look(ReadOnlySpan<int> tokens, Span<float> x)
    {
        for (var row = 0; row < tokens.Length; row++)
        {
            _table.AsSpan(tokens[row] * Size, Size).CopyTo(x[(row * Size)..]);
        }
    }
}
