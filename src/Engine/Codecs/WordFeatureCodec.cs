namespace Rnn.Engine.Codecs;

/// <summary>
/// Each word is several indices: its own and those of its ending, its beginning, its shape. They go into the network as a vector
/// [K] of whole numbers, whose tables an embeddings layer holds.
/// </summary>
/// <param name="columns">The features of a word.</param>
public sealed class WordFeatureCodec(IReadOnlyList<WordColumn> columns) : InputCodec
{
    /// <summary>The features of a word.</summary>
    public IReadOnlyList<WordColumn> Columns => columns;

    /// <inheritdoc/>
    public override int Size => columns.Count;

    /// <inheritdoc/>
    internal override string Reads => "'text', or its 'words' one by one";

    /// <inheritdoc/>
    public override InputSequence Encode(ModelInput input)
    {
        Refuse((object?)input.Values ?? input.Vector, "values");
        Refuse(input.Tokens, "tokens");
        var words = WordsOf(input);
        var vectors = new float[words.Count * Size];
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = columns[i % Size].Of(words[i / Size]);
        }

        return new InputSequence(vectors, Size);
    }

    /// <summary>The words of an input, of which each is a timestep.</summary>
    /// <exception cref="EngineException">There are text and words, or a word is empty.</exception>
    public static IReadOnlyList<string> WordsOf(ModelInput input)
    {
        if (input.Words is null)
        {
            return [.. WordCodec.WordsOf(input.Text ?? "")];
        }

        if (input.Text is not null)
        {
            throw EngineException.Input("/words", "Give 'text' or 'words', not both.");
        }

        foreach (var (index, word) in input.Words.Index())
        {
            if (string.IsNullOrWhiteSpace(word))
            {
                throw EngineException.Input($"/words/{index}", "A word must not be empty.");
            }
        }

        return input.Words;
    }
}
