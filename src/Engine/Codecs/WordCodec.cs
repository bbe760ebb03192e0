using System.Text.RegularExpressions;

namespace Rnn.Engine.Codecs;

/// <summary>
/// Each word, number or punctuation mark is a token; white space only separates. Generated words are joined by a space,
/// punctuation follows the word before it.
/// </summary>
/// <inheritdoc cref="TokenCodec" path="/param"/>
public sealed partial class WordCodec(Vocabulary vocabulary, bool lowercase) : TokenCodec(vocabulary, lowercase)
{
    /// <inheritdoc/>
    public override string TextOf(int token, bool isFirst)
    {
        var text = Vocabulary.Tokens[token];
        return isFirst || IsClosingPunctuation(text) ? text : " " + text;
    }

    /// <summary>The words, numbers and punctuation marks of a text.</summary>
    internal static IEnumerable<string> WordsOf(string text) => Pieces().Matches(text).Select(match => match.Value);

    private protected override IEnumerable<(string Piece, int Position)> Split(string text)
    {
        foreach (Match match in Pieces().Matches(text))
        {
            yield return (match.Value, match.Index);
        }
    }

    static bool IsClosingPunctuation(string text) => text is [var mark] && ".,;:!?)]}".Contains(mark);

    // A tag such as <unk> or <eos>, a word with inner apostrophes or hyphens, or one mark.
    [GeneratedRegex(@"<\w+>|\w+(?:['\u2019-]\w+)*|[^\w\s]")]
    private static partial Regex Pieces();
}
