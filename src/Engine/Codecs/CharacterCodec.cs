namespace Rnn.Engine.Codecs;

/// <summary>Each Unicode code point is a token.</summary>
/// <inheritdoc cref="TokenCodec" path="/param"/>
public sealed class CharacterCodec(Vocabulary vocabulary, bool lowercase) : TokenCodec(vocabulary, lowercase)
{
    /// <inheritdoc/>
    public override string TextOf(int token, bool isFirst) => Vocabulary.Tokens[token];

    private protected override IEnumerable<(string Piece, int Position)> Split(string text)
    {
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            yield return (rune.ToString(), position);
            position += rune.Utf16SequenceLength;
        }
    }
}
