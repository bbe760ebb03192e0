using System.Collections.Frozen;
using System.Text;

namespace Rnn.Engine.Codecs;

/// <summary>One feature of a word as an index: tells words apart that are in no vocabulary of words.</summary>
public sealed class WordColumn
{
    readonly WordFeature _feature;
    readonly int _length;
    readonly FrozenDictionary<string, int> _indices;

    /// <param name="feature">What it looks at.</param>
    /// <param name="length">How many characters of a suffix or prefix, 1 or more.</param>
    /// <param name="vocabulary">The text of each index; the first stands for all that is not among them.</param>
    /// <exception cref="EngineException">Two texts are alike, or there is none, or the length is not one.</exception>
    public WordColumn(WordFeature feature, int length, IReadOnlyList<string> vocabulary)
    {
        var hasLength = feature is WordFeature.Suffix or WordFeature.Prefix;
        if (hasLength != length > 0)
        {
            throw EngineException.Model("model.json: input.columns: a suffix or a prefix has a length of 1 or more, and nothing else has one.");
        }

        if (vocabulary.Count == 0 || vocabulary.Distinct(StringComparer.Ordinal).Count() != vocabulary.Count)
        {
            throw EngineException.Model("model.json: input.columns: a vocabulary is empty, or something stands in it twice.");
        }

        (_feature, _length) = (feature, length);
        _indices = vocabulary.Index().ToFrozenDictionary(item => item.Item, item => item.Index, StringComparer.Ordinal);
    }

    /// <summary>How many indices there are.</summary>
    public int Size => _indices.Count;

    /// <summary>The index of a word.</summary>
    public int Of(string word) => _indices.GetValueOrDefault(Text(word), 0);

    string Text(string word)
    {
        if (_feature == WordFeature.Shape)
        {
            return Shape(word);
        }

        word = word.ToLowerInvariant();
        return _feature == WordFeature.Word ? word : Part(word);
    }

    string Part(string word)
    {
        Rune[] runes = [.. word.EnumerateRunes()];
        var length = Math.Min(_length, runes.Length);
        return string.Concat(_feature == WordFeature.Suffix ? runes[^length..] : runes[..length]);
    }

    static string Shape(string word)
    {
        var shape = new StringBuilder();
        Rune? before = null;
        foreach (var rune in word.EnumerateRunes())
        {
            var kind = Rune.IsUpper(rune) ? new Rune('X') : Rune.IsLetter(rune) ? new Rune('x') : Rune.IsDigit(rune) ? new Rune('0') : rune;
            if (kind != before)
            {
                shape.Append(kind.ToString());
            }

            before = kind;
        }

        return shape.ToString();
    }
}
