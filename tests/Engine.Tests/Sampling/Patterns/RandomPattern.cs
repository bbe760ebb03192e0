using CsCheck;

namespace Rnn.Engine.Tests.Sampling.Patterns;

/// <summary>Random patterns over a, b and c, in the syntax that .NET's regular expressions share.</summary>
static class RandomPattern
{
    static readonly Gen<string> Atom = OneOf(
        "a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", "[^\\n]", "\\w", "\\W", "\\S", "\\s", "\\x61", "\\u0062", "\\d", "[\\d\\w]", "[b-]", "\\.", "x");

    static readonly Gen<string> Quantifier = OneOf("", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "{0}", "*?", "{1,2}?");

    public static Gen<string> Any { get; } = Nested(3);

    static Gen<string> Nested(int depth)
    {
        var inner = depth == 0 ? Atom : Gen.Frequency((3, Atom), (1, Nested(depth - 1).Select(text => $"({text})")), (1, Nested(depth - 1).Select(text => $"(?:{text})")));
        var sequence = Gen.Select(inner, Quantifier, (part, quantifier) => part + quantifier).Array[0, 4].Select(string.Concat);
        return sequence.Array[1, 3].Select(choices => string.Join('|', choices));
    }

    static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(place => texts[place]);
}
