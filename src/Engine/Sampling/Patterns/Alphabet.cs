using System.Runtime.InteropServices;

namespace Rnn.Engine.Sampling.Patterns;

/// <summary>
/// The characters of a vocabulary in classes: those that no set of a pattern tells apart are one class, so that an automaton has a
/// transition for each class only.
/// </summary>
sealed class Alphabet
{
    readonly Dictionary<int, int> _classes = [];
    readonly Dictionary<CharacterSet, bool[]> _holds = [];

    /// <param name="nfa">The pattern.</param>
    /// <param name="texts">The texts that are to be read.</param>
    public Alphabet(PatternNfa nfa, IEnumerable<string> texts)
    {
        int[] characters = [.. texts.SelectMany(text => text.EnumerateRunes()).Select(rune => rune.Value).Distinct()];
        HashSet<CharacterSet> sets = [.. Enumerable.Range(0, nfa.Count).Select(state => nfa[state].Characters).OfType<CharacterSet>()];
        var classes = new int[characters.Length];
        var refined = new Dictionary<(int Class, bool IsIn), int>();
        foreach (var set in sets)
        {
            refined.Clear();
            for (var i = 0; i < characters.Length; i++)
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(refined, (classes[i], set.Contains(characters[i])), out var isKnown);
                number = isKnown ? number : refined.Count - 1;
                classes[i] = number;
            }
        }

        Count = classes.Length == 0 ? 0 : classes.Max() + 1;
        foreach (var (character, number) in characters.Zip(classes))
        {
            _classes[character] = number;
        }

        foreach (var set in sets)
        {
            var holds = _holds[set] = new bool[Count];
            for (var i = 0; i < characters.Length; i++)
            {
                holds[classes[i]] |= set.Contains(characters[i]);
            }
        }
    }

    /// <summary>How many classes there are.</summary>
    public int Count { get; }

    /// <summary>The classes of a text's characters.</summary>
    public int[] ClassesOf(string text) => [.. text.EnumerateRunes().Select(rune => _classes[rune.Value])];

    /// <summary>Of each class whether a set of the pattern holds it.</summary>
    public bool[] Holds(CharacterSet set) => _holds[set];
}
