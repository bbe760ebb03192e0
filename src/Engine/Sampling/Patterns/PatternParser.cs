using System.Globalization;
using System.Text;

namespace Rnn.Engine.Sampling.Patterns;

/// <summary>
/// Reads a regular expression that a whole text matches, in the syntax that .NET, Java, Python and JavaScript share: characters, escapes,
/// classes, <c>.</c>, <c>|</c>, groups, and <c>* + ? {m} {m,} {m,n}</c>. What can't be held by a finite automaton, or means nothing
/// in a whole match, is refused by name. Characters are Unicode code points.
/// </summary>
sealed class PatternParser
{
    /// <summary>How deep groups may nest.</summary>
    public const int MaxDepth = 64;

    /// <summary>The highest count in braces.</summary>
    public const int MaxCount = 10_000;

    readonly string _text;
    int _position;
    int _depth;

    PatternParser(string text) => _text = text;

    char? Here => _position < _text.Length ? _text[_position] : null;

    /// <exception cref="EngineException">The pattern can't be read; the message says at which character, counted from 0.</exception>
    public static PatternNode Parse(string text)
    {
        if (text.Length > SamplingOptions.MaxPatternLength)
        {
            throw EngineException.Input("/pattern", $"pattern has {text.Length} characters; at most {SamplingOptions.MaxPatternLength} are taken.");
        }

        var parser = new PatternParser(text);
        parser.Take('^');
        var node = parser.Choices();
        parser.TakeEnd();
        return parser.Here is null ? node : throw Refuse(parser._position, "')' closes no group; write \\) for the character");
    }

    PatternNode Choices()
    {
        var choices = new List<PatternNode> { Sequence() };
        while (Take('|'))
        {
            choices.Add(Sequence());
        }

        return choices is [var only] ? only : new EitherOf(choices);
    }

    InSequence Sequence()
    {
        var parts = new List<PatternNode>();
        while (Here is not (null or '|' or ')') && !IsEnd)
        {
            parts.Add(Quantified(Atom()));
        }

        return new(parts);
    }

    bool IsEnd => Here == '$' && _position == _text.Length - 1;

    void TakeEnd() => _position += IsEnd ? 1 : 0;

    PatternNode Atom()
    {
        var start = _position;
        switch (Here)
        {
            case '(':
                return Group();
            case '[':
                return new OneOf(new CharacterClassParser(this).Read());
            case '.':
                _position++;
                return new OneOf(CharacterSet.Any);
            case '*' or '+' or '?':
                throw Refuse(start, $"'{Here}' has nothing before it to repeat; write \\{Here} for the character");
            case '{':
                throw Refuse(start, "'{' has nothing before it to repeat; write \\{ for the character");
            case '^' or '$':
                throw Refuse(start, $"anchors such as '{Here}' are not taken inside, as the whole text always matches; write \\{Here} for the character");
            default:
                return new OneOf(Escaped() ?? Single(Character()));
        }
    }

    PatternNode Group()
    {
        var start = _position++;
        if (++_depth > MaxDepth)
        {
            throw Refuse(start, $"groups nest deeper than {MaxDepth}");
        }

        if (Take('?') && !Take(':'))
        {
            throw Refuse(start, NameOfGroup(_text.AsSpan(_position)));
        }

        var node = Choices();
        _depth--;
        return Take(')') ? node : throw Refuse(IsEnd ? _position : start, IsEnd ? "'$' stands inside a group; leave it out" : "this group has no ')'");
    }

    static string NameOfGroup(ReadOnlySpan<char> rest) => rest switch
    {
        ['=', ..] or ['!', ..] => "lookaheads are not taken",
        ['<', '=' or '!', ..] => "lookbehinds are not taken",
        ['<' or 'P' or '\'', ..] => "named groups are not taken; write (?: )",
        ['>', ..] => "atomic groups are not taken; write (?: )",
        ['(', ..] => "conditions are not taken",
        ['#', ..] => "comments are not taken",
        _ => "options in a group are not taken; of groups there are ( ) and (?: )",
    };

    PatternNode Quantified(PatternNode part)
    {
        var start = _position;
        (int Least, int? Most)? counts = Take('*') ? (0, null) : Take('+') ? (1, null) : Take('?') ? (0, 1) : Here == '{' ? Counts() : null;
        if (counts is not var (least, most))
        {
            return part;
        }

        Take('?');                                         // lazy: of a whole match it changes nothing
        return Here switch
        {
            '+' => throw Refuse(_position, "possessive quantifiers are not taken"),
            '*' or '?' or '{' => throw Refuse(_position, "a quantifier follows another; put the first one into a group"),
            _ => most < least ? throw Refuse(start, $"the most, {most}, is less than the least, {least}") : new Repeated(part, least, most),
        };
    }

    (int Least, int? Most) Counts()
    {
        var start = _position++;
        var least = Count(start);
        var most = Take(',') ? Here == '}' ? null : Count(start) : (int?)least;
        return Take('}') ? (least, most) : throw NoCount(start);
    }

    int Count(int start)
    {
        var digits = _position;
        while (Here is >= '0' and <= '9')
        {
            _position++;
        }

        if (_position == digits)
        {
            throw NoCount(start);
        }

        return int.TryParse(_text.AsSpan(digits, _position - digits), CultureInfo.InvariantCulture, out var count) && count <= MaxCount
            ? count
            : throw Refuse(start, $"a count is above {MaxCount}");
    }

    static EngineException NoCount(int start) => Refuse(start, "braces hold a count such as {2}, {2,} or {2,5}; write \\{ for the character");

    /// <summary>The set of an escape that stands for several characters, such as <c>\d</c>; null if what is here is one character.</summary>
    internal CharacterSet? Escaped()
    {
        CharacterSet? characters = Here != '\\' || _position + 1 == _text.Length ? null : _text[_position + 1] switch
        {
            'd' => CharacterSet.Digits,
            'D' => CharacterSet.Digits.Complement(),
            'w' => CharacterSet.Words,
            'W' => CharacterSet.Words.Complement(),
            's' => CharacterSet.Spaces,
            'S' => CharacterSet.Spaces.Complement(),
            _ => null,
        };
        _position += characters is null ? 0 : 2;
        return characters;
    }

    /// <summary>The next character, which may be escaped.</summary>
    internal int Character()
    {
        var start = _position;
        if (Take('\\'))
        {
            return EscapedCharacter(start);
        }

        if (Rune.DecodeFromUtf16(_text.AsSpan(_position), out var rune, out var length) != System.Buffers.OperationStatus.Done)
        {
            throw Refuse(start, "half of a surrogate pair is no character");
        }

        _position += length;
        return rune.Value;
    }

    int EscapedCharacter(int start)
    {
        var letter = Here ?? throw Refuse(start, "'\\' has nothing after it; write \\\\ for the character");
        _position++;
        return letter switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\f',
            'v' => '\v',
            'x' => Hexadecimal(start, 2),
            'u' => CodePoint(start),
            >= '0' and <= '9' => throw Refuse(start, "backreferences and octal escapes are not taken"),
            'k' => throw Refuse(start, "backreferences are not taken"),
            'b' or 'B' or 'A' or 'z' or 'Z' or 'G' => throw Refuse(start, $"anchors such as '\\{letter}' are not taken, as the whole text always matches"),
            'p' or 'P' => throw Refuse(start, "Unicode categories are not taken; name the characters in a class"),
            _ when char.IsAsciiLetter(letter) => throw Refuse(start, $"'\\{letter}' is no escape that is taken"),
            _ when char.IsAscii(letter) => letter,
            _ => throw Refuse(start, "of characters beyond ASCII none needs '\\'; leave it out"),
        };
    }

    /// <summary>The code point of \uXXXX, or of two of them that are a surrogate pair.</summary>
    int CodePoint(int start)
    {
        var first = Hexadecimal(start, 4);
        if (!char.IsSurrogate((char)first))
        {
            return first;
        }

        if (char.IsHighSurrogate((char)first) && Take('\\') && Take('u') && Hexadecimal(start, 4) is var second && char.IsLowSurrogate((char)second))
        {
            return char.ConvertToUtf32((char)first, (char)second);
        }

        throw Refuse(start, "half of a surrogate pair is no character");
    }

    int Hexadecimal(int start, int digits)
    {
        if (_position + digits > _text.Length
            || !int.TryParse(_text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Refuse(start, $"'\\{(digits == 2 ? 'x' : 'u')}' needs {digits} hexadecimal digits");
        }

        _position += digits;
        return value;
    }

    static CharacterSet Single(int character) => new([(character, character)]);

    internal bool Take(char character)
    {
        if (Here != character)
        {
            return false;
        }

        _position++;
        return true;
    }

    /// <summary>A class, which begins here with <c>[</c>.</summary>
    sealed class CharacterClassParser(PatternParser parser)
    {
        public CharacterSet Read()
        {
            var start = parser._position++;
            var isNegated = parser.Take('^');
            var ranges = new List<(int, int)>();
            for (var first = true; !parser.Take(']'); first = false)
            {
                ReadItem(start, first, ranges);
            }

            if (ranges.Count == 0)
            {
                throw Refuse(start, "this class holds no character; write \\] for the character");
            }

            var characters = new CharacterSet(ranges);
            return isNegated ? characters.Complement() : characters;
        }

        void ReadItem(int start, bool isFirst, List<(int, int)> ranges)
        {
            var position = parser._position;
            switch (parser.Here)
            {
                case null:
                    throw Refuse(start, "this class has no ']'");
                case '[':
                    throw Refuse(position, "classes in classes are not taken; write \\[ for the character");
                case '-' when !isFirst && parser._position + 1 < parser._text.Length && parser._text[parser._position + 1] != ']':
                    throw Refuse(position, "'-' stands between no two characters; write \\- for the character");
            }

            if (parser.Escaped() is { } characters)
            {
                ranges.AddRange(characters.Ranges);
                return;
            }

            var low = parser.Character();
            var high = low;
            if (parser.Here == '-' && parser._position + 1 < parser._text.Length && parser._text[parser._position + 1] != ']')
            {
                parser._position++;
                if (parser.Here == '[' || parser.Escaped() is not null)
                {
                    throw Refuse(position, "a range ends with one character; write \\- for the character '-'");
                }

                high = parser.Character();
            }

            ranges.Add(low <= high ? (low, high) : throw Refuse(position, "this range ends before it begins"));
        }
    }

    static EngineException Refuse(int position, string reason) =>
        EngineException.Input("/pattern", $"pattern, character {position}: {reason}.");
}
