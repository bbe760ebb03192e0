using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using Rnn.Engine.Sampling.Patterns;

namespace Rnn.Engine.Tests.Sampling.Patterns;

public sealed class TokenPatternTests
{
    const int MaxLength = 4;

    static readonly string[] Letters = ["a", "b", "c"];

    static readonly string[] Pieces = ["a", "b", "ab", "ca", "bcc"];

    [Fact]
    public void A_token_may_come_if_and_only_if_some_text_that_is_short_enough_then_matches() =>
        RandomPattern.Any.Sample(pattern => Check(pattern, Letters, Letters), iter: 300);

    [Fact]
    public void So_may_tokens_of_several_characters_and_those_that_begin_a_text_otherwise() =>
        RandomPattern.Any.Sample(pattern => Check(pattern, Pieces, ["b", "a", "ab", "c", "abc"]), iter: 150);

    [Theory]
    [InlineData("a|bc|")]
    [InlineData("(ab|a)(c|bc)?")]
    [InlineData("a(?:b|c)*?c{2}")]
    [InlineData("[^b]{2,}b?")]
    [InlineData("a{1,2}b{2}|.c")]
    [InlineData("(a+b?)+")]
    [InlineData("^ab*c{0,3}$")]
    [InlineData("(?:)|\\u0061\\x62")]
    public void A_pattern_is_read_as_dotnet_reads_it(string text)
    {
        var regex = new Regex($"^(?:{text})\\z", RegexOptions.CultureInvariant);
        var pattern = PatternParser.Parse(text);
        string[] texts = [""];
        for (var length = 0; length <= 5; length++)
        {
            Assert.All(texts, told => Assert.True(regex.IsMatch(told) == PatternMatch.Is(pattern, told), told));
            texts = [.. texts.SelectMany(told => Letters.Select(letter => told + letter))];
        }
    }

    [Theory]
    [InlineData("\\d")]
    [InlineData("\\D")]
    [InlineData("\\w")]
    [InlineData("\\W")]
    [InlineData("\\s")]
    [InlineData("\\S")]
    [InlineData(".")]
    [InlineData("[^\\w\\s]")]
    [InlineData("[\\x20-\\u0130-]")]
    [InlineData("[!-\\-\\]a]")]
    public void Sets_hold_what_those_of_dotnet_do(string set)
    {
        var regex = new Regex($"^(?:{set})\\z", RegexOptions.CultureInvariant);
        var characters = ((OneOf)((InSequence)PatternParser.Parse(set)).Parts[0]).Characters;

        Assert.DoesNotContain(Enumerable.Range(0, 0x10000), character =>
            !char.IsSurrogate((char)character) && regex.IsMatch(((char)character).ToString()) != characters.Contains(character));
    }

    [Fact]
    public void A_character_is_a_code_point()
    {
        var pattern = Compile("^.[\\ud83d\\ude00-\\ud83d\\ude02]$", ["\U0001F600", "\U0001F605"]);

        Assert.Equal([true, true], Allowed(pattern, TokenPattern.Start, 2, 2));
        Assert.Equal([true, false], Allowed(pattern, pattern.After(TokenPattern.Start, 1), 1, 2));
    }

    [Fact]
    public void The_end_token_may_come_where_the_text_matches()
    {
        var pattern = Compile("ab?", ["a", "b", "!"], end: 2);
        var after = pattern.After(TokenPattern.Start, 0);

        Assert.Equal([true, false, false], Allowed(pattern, TokenPattern.Start, 9, 3));
        Assert.Equal([false, true, true], Allowed(pattern, after, 8, 3));
        Assert.False(pattern.Ends(after, 8));
        Assert.True(pattern.Ends(pattern.After(after, 1), 7));
        Assert.Equal(after, pattern.After(after, 2));
    }

    [Theory]
    [InlineData("a(b", 1, "no ')'")]
    [InlineData("ab)", 2, "closes no group")]
    [InlineData("*a", 0, "nothing before it")]
    [InlineData("a|{2}", 2, "nothing before it")]
    [InlineData("a**", 2, "quantifier follows")]
    [InlineData("a*+", 2, "possessive")]
    [InlineData("a{2,1}", 1, "less than")]
    [InlineData("a{x}", 1, "\\{")]
    [InlineData("a{,2}", 1, "\\{")]
    [InlineData("a{99999999999}", 1, "10000")]
    [InlineData("[ab", 0, "no ']'")]
    [InlineData("[]", 0, "no character")]
    [InlineData("[b-a]", 1, "before it begins")]
    [InlineData("[a-\\d]", 1, "one character")]
    [InlineData("[\\d-a]", 3, "\\-")]
    [InlineData("[a[b]]", 2, "classes in classes")]
    [InlineData("a^b", 1, "anchors")]
    [InlineData("a$b", 1, "anchors")]
    [InlineData("(a$", 2, "'$'")]
    [InlineData("a\\b", 1, "anchors")]
    [InlineData("(a)\\1", 3, "backreferences")]
    [InlineData("\\k<a>", 0, "backreferences")]
    [InlineData("(?=a)", 0, "lookaheads")]
    [InlineData("(?!a)", 0, "lookaheads")]
    [InlineData("(?<=a)", 0, "lookbehinds")]
    [InlineData("(?<!a)", 0, "lookbehinds")]
    [InlineData("(?<n>a)", 0, "named groups")]
    [InlineData("(?>a)", 0, "atomic")]
    [InlineData("(?i)a", 0, "options")]
    [InlineData("(?", 0, "options")]
    [InlineData("\\p{L}", 0, "Unicode categories")]
    [InlineData("\\q", 0, "no escape")]
    [InlineData("a\\", 1, "nothing after it")]
    [InlineData("\\u12", 0, "hexadecimal")]
    [InlineData("\\ud83d", 0, "surrogate")]
    public void What_is_not_taken_is_named_with_its_position(string pattern, int position, string reason)
    {
        var refused = Assert.Throws<EngineException>(() => PatternParser.Parse(pattern));

        Assert.Equal("/pattern", refused.Pointer);
        Assert.StartsWith($"pattern, character {position.ToString(CultureInfo.InvariantCulture)}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(a|b)*a(a|b){30}")]
    [InlineData("((((a{1,99}){1,99}){1,99}){1,99}){1,99}")]
    [InlineData("(((((){9999}){9999}){9999}){9999}){9999}")]
    [InlineData("(a?){5000}a{5000}")]
    [InlineData("(.*a.*){50}(.*b.*){50}")]
    [InlineData("(a*)*b|(.|a|ab)*c(.{0,60}a){9}")]
    public void A_hostile_pattern_is_refused_or_followed_in_bounded_work(string pattern)
    {
        try
        {
            Compile(pattern, [.. Enumerable.Range('a', 26).Select(letter => ((char)letter).ToString())]);
        }
        catch (EngineException refused)
        {
            Assert.Equal("/pattern", refused.Pointer);
        }
    }

    [Fact]
    public void Exponentially_many_states_are_refused() =>
        Assert.Contains("too many states", Assert.Throws<EngineException>(() => Compile("(a|b)*a(a|b){30}", Letters)).Message, StringComparison.Ordinal);

    [Fact]
    public void Counts_that_unfold_to_too_much_are_refused() =>
        Assert.Contains("unfolds", Assert.Throws<EngineException>(() => Compile("(((){9999}){9999}){9999}", Letters)).Message, StringComparison.Ordinal);

    [Fact]
    public void Groups_that_nest_too_deep_are_refused() =>
        Assert.Contains("deeper", Assert.Throws<EngineException>(() => PatternParser.Parse(new string('(', 1900))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_is_too_long_is_refused() =>
        Assert.Contains("2001 characters", Assert.Throws<EngineException>(() => PatternParser.Parse(new string('a', 2001))).Message, StringComparison.Ordinal);

    [Fact]
    public void Random_text_is_read_or_refused() =>
        Gen.String[Gen.Char["ab()[]{}|*+?.^$\\-,:=!0123dwsuxnkp"], 0, 30].Sample(
            text =>
            {
                try
                {
                    Compile(text, Letters);
                }
                catch (EngineException refused)
                {
                    Assert.Equal("/pattern", refused.Pointer);
                    return;
                }

                Assert.NotNull(new Regex(text));           // what is read, .NET reads too
            },
            iter: 20_000);

    static TokenPattern Compile(string pattern, string[] texts, int? end = null) => new(PatternParser.Parse(pattern), texts, texts, end);

    static bool[] Allowed(TokenPattern pattern, int place, int left, int tokens)
    {
        var logits = new float[tokens];
        pattern.Mask(place, left, logits);
        return Array.ConvertAll(logits, float.IsFinite);
    }

    /// <summary>Compares all that may be drawn with all texts that match by definition.</summary>
    static void Check(string text, string[] texts, string[] firstTexts)
    {
        var parsed = PatternParser.Parse(text);
        if (Compiled() is not { } pattern)
        {
            return;                                            // a few of them have more states than are followed
        }

        var matches = new Dictionary<string, bool>();          // by tokens: whether they, or some that go on after them, match
        Matches("", "", 0);

        var refused = Record.Exception(() => pattern.ExpectText(MaxLength));
        Assert.Equal(!Enumerable.Range(0, texts.Length).Any(token => matches[$"{token}"]), refused is EngineException);
        if (refused is null)
        {
            Walk(TokenPattern.Start, "", "", 0);
        }

        TokenPattern? Compiled()
        {
            try
            {
                return new(parsed, texts, firstTexts, null);
            }
            catch (EngineException refused) when (refused.Message.Contains("too many states", StringComparison.Ordinal))
            {
                return null;
            }
        }

        bool Matches(string tokens, string told, int length)
        {
            var any = PatternMatch.Is(parsed, told);
            for (var token = 0; token < texts.Length && length < MaxLength; token++)
            {
                any |= Matches(tokens + token, told + (length == 0 ? firstTexts : texts)[token], length + 1);
            }

            return matches[tokens] = any;
        }

        void Walk(int place, string tokens, string told, int length)
        {
            var allowed = Allowed(pattern, place, MaxLength - length, texts.Length);
            Assert.Equal(Enumerable.Range(0, texts.Length).Select(token => matches[tokens + token]), allowed);
            for (var token = 0; token < texts.Length; token++)
            {
                if (allowed[token])
                {
                    Step(pattern.After(place, token), tokens + token, told + (length == 0 ? firstTexts : texts)[token], length + 1);
                }
            }
        }

        void Step(int place, string tokens, string told, int length)
        {
            var goesOn = length < MaxLength && Enumerable.Range(0, texts.Length).Any(token => matches[tokens + token]);
            if (length < MaxLength)
            {
                Assert.Equal(!goesOn, pattern.Ends(place, MaxLength - length));
            }

            if (goesOn)
            {
                Walk(place, tokens, told, length);
            }
            else
            {
                Assert.True(PatternMatch.Is(parsed, told), told);
            }
        }
    }
}
