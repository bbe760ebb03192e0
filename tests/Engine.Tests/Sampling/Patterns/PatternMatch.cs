using Rnn.Engine.Sampling.Patterns;

namespace Rnn.Engine.Tests.Sampling.Patterns;

/// <summary>What a pattern matches by its definition, as sets of places in a text: no automaton, and nothing that backtracks.</summary>
static class PatternMatch
{
    public static bool Is(PatternNode pattern, string text) => From([0], pattern, text).Contains(text.Length);

    static HashSet<int> From(HashSet<int> places, PatternNode node, string text) => node switch
    {
        OneOf one => [.. places.Where(place => place < text.Length && one.Characters.Contains(text[place])).Select(place => place + 1)],
        InSequence sequence => sequence.Parts.Aggregate(places, (before, part) => From(before, part, text)),
        EitherOf either => [.. either.Choices.SelectMany(choice => From(places, choice, text))],
        Repeated repeated => Again(places, repeated, text),
        _ => throw new ArgumentException($"{node} is no part of a pattern.", nameof(node)),
    };

    static HashSet<int> Again(HashSet<int> places, Repeated repeated, string text)
    {
        for (var time = 0; time < repeated.Least; time++)
        {
            places = From(places, repeated.Part, text);
        }

        var all = places;
        for (var time = repeated.Least; repeated.Most is not { } most || time < most; time++)
        {
            HashSet<int> more = [.. all, .. From(all, repeated.Part, text)];
            if (more.Count == all.Count)
            {
                break;
            }

            all = more;
        }

        return all;
    }
}
