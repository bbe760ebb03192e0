using System.Runtime.InteropServices;

namespace Rnn.Engine.Sampling.Patterns;

/// <summary>
/// The deterministic automaton of a pattern, built as far as it is walked (subset construction, Rabin and Scott 1959): a state is the set
/// of the states that the nondeterministic one may be in. Its size and the work to build it are bounded, as a pattern may have
/// exponentially many states.
/// </summary>
sealed class PatternDfa
{
    /// <summary>The most transitions, of classes and of tokens.</summary>
    public const int MaxTransitions = 1 << 21;

    /// <summary>The most states.</summary>
    public const int MaxStates = 1 << 14;

    /// <summary>Where no text can match any more.</summary>
    public const int Dead = -1;

    const int MaxWork = 1 << 24;
    const int Unknown = -2;

    readonly PatternNfa _nfa;
    readonly bool[]?[] _reads;
    readonly int _classes;
    readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    readonly List<(int[] Members, bool IsAccepting, int[] Next)> _states = [];
    readonly int[] _visited;
    readonly Stack<int> _open = [];
    int _visit;
    int _work;

    public PatternDfa(PatternNfa nfa, Alphabet alphabet)
    {
        (_nfa, _classes, _visited) = (nfa, alphabet.Count, new int[nfa.Count]);
        _reads = [.. Enumerable.Range(0, nfa.Count).Select(state => nfa[state].Characters is { } set ? alphabet.Holds(set) : null)];
        Start = NumberOf([nfa.Start]);
    }

    /// <summary>Where a text begins.</summary>
    public int Start { get; }

    /// <summary>Whether a text that ends here matches.</summary>
    public bool IsAccepting(int state) => _states[state].IsAccepting;

    /// <summary>Where a text leads; <see cref="Dead"/> if no text that begins with it matches.</summary>
    /// <exception cref="EngineException">The pattern has too many states.</exception>
    public int After(int state, ReadOnlySpan<int> classes)
    {
        foreach (var number in classes)
        {
            var next = _states[state].Next[number];
            state = next == Unknown ? Find(state, number) : next;
            if (state == Dead)
            {
                return Dead;
            }
        }

        return state;
    }

    /// <summary>Refuses a pattern.</summary>
    public static EngineException TooManyStates() => EngineException.Input(
        "/pattern", "pattern has too many states to follow with this model's vocabulary; use lower counts in braces, or fewer alternatives that begin alike.");

    int Find(int state, int number)
    {
        var members = _states[state].Members.Where(member => _reads[member]?[number] == true).Select(member => _nfa[member].Next).ToList();
        Spend(_states[state].Members.Length);
        return _states[state].Next[number] = members.Count == 0 ? Dead : NumberOf(members);
    }

    /// <summary>The number of the state in which the nondeterministic automaton may be in any of these.</summary>
    int NumberOf(IReadOnlyList<int> entries)
    {
        var members = Closure(entries);
        var key = new string(MemoryMarshal.Cast<int, char>(members));
        if (_numbers.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_states.Count == MaxStates || (long)(_states.Count + 1) * _classes > MaxTransitions)
        {
            throw TooManyStates();
        }

        var next = new int[_classes];
        Array.Fill(next, Unknown);
        _numbers.Add(key, _states.Count);
        _states.Add((members, members.Contains(_nfa.Accepting), next));
        return _states.Count - 1;
    }

    /// <summary>The states that read a character or accept, and that can be reached without reading one.</summary>
    int[] Closure(IReadOnlyList<int> entries)
    {
        _visit++;
        var members = new List<int>();
        foreach (var entry in entries)
        {
            Visit(entry);
        }

        while (_open.TryPop(out var state))
        {
            var (characters, next, other) = _nfa[state];
            if (characters is not null || state == _nfa.Accepting)
            {
                members.Add(state);
            }
            else
            {
                Visit(next);
                Visit(other);
            }
        }

        members.Sort();
        return [.. members];
    }

    void Visit(int state)
    {
        if (_visited[state] != _visit)
        {
            _visited[state] = _visit;
            _open.Push(state);
            Spend(1);
        }
    }

    void Spend(int work)
    {
        _work += work;
        if (_work > MaxWork)
        {
            throw TooManyStates();
        }
    }
}
