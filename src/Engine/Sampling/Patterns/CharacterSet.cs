using System.Globalization;
using System.Text;

namespace Rnn.Engine.Sampling.Patterns;

/// <summary>A set of Unicode code points: ranges, or all but ranges.</summary>
/// <param name="ranges">From and to, both included, in any order; they may overlap.</param>
sealed class CharacterSet(IEnumerable<(int First, int Last)> ranges)
{
    /// <summary>Any but a line feed.</summary>
    public static readonly CharacterSet Any = new CharacterSet([('\n', '\n')]).Complement();

    /// <summary>Decimal digits of any script (Nd), as .NET's <c>\d</c>.</summary>
    public static readonly CharacterSet Digits = new(RangesOf(rune => Rune.IsDigit(rune)));

    /// <summary>Letters, digits, non-spacing marks and connectors of any script, as .NET's <c>\w</c>.</summary>
    public static readonly CharacterSet Words = new(RangesOf(IsWord));

    /// <summary>White space, as .NET's <c>\s</c>.</summary>
    public static readonly CharacterSet Spaces = new(RangesOf(Rune.IsWhiteSpace));

    readonly (int First, int Last)[] _ranges = Merged(ranges);

    /// <summary>The ranges in rising order, none touching another.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    /// <summary>Whether a code point is in the set.</summary>
    public bool Contains(int codePoint)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else if (codePoint < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All code points that are not in the set.</summary>
    public CharacterSet Complement()
    {
        var gaps = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in _ranges)
        {
            if (first > next)
            {
                gaps.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= 0x10FFFF)
        {
            gaps.Add((next, 0x10FFFF));
        }

        return new(gaps);
    }

    static (int First, int Last)[] Merged(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var (first, last) in ranges.Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return [.. merged];
    }

    static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;

    static IEnumerable<(int First, int Last)> RangesOf(Func<Rune, bool> isIn)
    {
        for (var codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (Rune.TryCreate(codePoint, out var rune) && isIn(rune))
            {
                yield return (codePoint, codePoint);
            }
        }
    }
}
