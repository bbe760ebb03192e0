using System.Globalization;

namespace Rnn.Engine.Codecs;

/// <summary>Tokens known by their indices alone: the text of a token is its index, and a text is indices with blanks between.</summary>
/// <param name="size">V.</param>
public sealed class TokenIndexCodec(int size)
    : TokenCodec(new Vocabulary([.. Enumerable.Range(0, size).Select(index => index.ToString(CultureInfo.InvariantCulture))], null, null, null), lowercase: false)
{
    /// <inheritdoc/>
    public override string TextOf(int token, bool isFirst) => isFirst ? Vocabulary.Tokens[token] : $" {Vocabulary.Tokens[token]}";

    private protected override IEnumerable<(string Piece, int Position)> Split(string text)
    {
        var position = 0;
        foreach (var piece in text.Split(' '))
        {
            if (piece.Length > 0)
            {
                yield return (piece, position);
            }

            position += piece.Length + 1;
        }
    }
}
