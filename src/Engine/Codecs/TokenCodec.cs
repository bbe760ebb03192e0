namespace Rnn.Engine.Codecs;

/// <summary>Text as a sequence of tokens from a fixed vocabulary.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="lowercase">Whether text is lower-cased (invariant culture) before it is split.</param>
public abstract class TokenCodec(Vocabulary vocabulary, bool lowercase) : InputCodec
{
    /// <summary>The tokens.</summary>
    public Vocabulary Vocabulary => vocabulary;

    /// <inheritdoc/>
    public override int Size => vocabulary.Count;

    /// <inheritdoc/>
    internal override string Meaning => field ??= MeaningOf("tokens", vocabulary.Tokens);

    /// <inheritdoc/>
    internal override string Reads => "'text', or token indices in 'tokens'";

    /// <inheritdoc/>
    public override InputSequence Encode(ModelInput input)
    {
        Refuse((object?)input.Values ?? input.Vector, "values");
        Refuse(input.Words, "words");
        if (input is { Text: not null, Tokens: not null })
        {
            throw EngineException.Input("/tokens", "Give 'text' or 'tokens', not both.");
        }

        return input.Tokens is { } tokens ? Checked(tokens) : Encode(input.Text ?? "");
    }

    /// <summary>What a token adds to a text.</summary>
    /// <param name="token">Its index.</param>
    /// <param name="isFirst">Whether it begins the text; a word that does not is set off by a space.</param>
    public abstract string TextOf(int token, bool isFirst);

    /// <summary>The pieces of a text, each of which should be a token, with the index of the character where it begins.</summary>
    private protected abstract IEnumerable<(string Piece, int Position)> Split(string text);

    InputSequence Encode(string text)
    {
        var tokens = new List<int>(text.Length);
        foreach (var (piece, position) in Split(lowercase ? text.ToLowerInvariant() : text))
        {
            tokens.Add(vocabulary.Find(piece) ?? throw EngineException.Input(
                "/text", $"'{piece}' at character {position} is not among the {vocabulary.Count} tokens of this model's vocabulary."));
        }

        return new InputSequence(tokens.ToArray());
    }

    InputSequence Checked(IReadOnlyList<int> tokens)
    {
        foreach (var (position, token) in tokens.Index())
        {
            if ((uint)token >= (uint)vocabulary.Count)
            {
                throw EngineException.Input(
                    $"/tokens/{position}", $"Token {token} is not in this model's vocabulary: indices go from 0 to {vocabulary.Count - 1}.");
            }
        }

        return new InputSequence(tokens.ToArray());
    }
}
