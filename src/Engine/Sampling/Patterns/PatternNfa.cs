namespace Rnn.Engine.Sampling.Patterns;

/// <summary>
/// The nondeterministic automaton of a pattern (Thompson 1968). A state reads a character of its set and goes on to the next, or reads
/// nothing and goes on to two, or accepts.
/// </summary>
sealed class PatternNfa
{
    /// <summary>The most parts that counts may unfold to.</summary>
    public const int MaxSize = 20_000;

    readonly List<(CharacterSet? Characters, int Next, int Other)> _states = [];
    int _parts;

    public PatternNfa(PatternNode pattern)
    {
        Accepting = Add(null, -1, -1);
        Start = Build(pattern, Accepting);
    }

    /// <summary>Where a text begins.</summary>
    public int Start { get; }

    /// <summary>Where a text that matches ends.</summary>
    public int Accepting { get; }

    /// <summary>How many states there are.</summary>
    public int Count => _states.Count;

    /// <summary>A state: what it reads, or null; and where it goes on, -1 for nowhere.</summary>
    public (CharacterSet? Characters, int Next, int Other) this[int state] => _states[state];

    /// <summary>Builds the states of a part before those of what follows it.</summary>
    /// <returns>Where the part begins.</returns>
    int Build(PatternNode node, int next)
    {
        if (++_parts > MaxSize)
        {
            throw EngineException.Input("/pattern", $"pattern unfolds to more than {MaxSize} parts; use lower counts in braces.");
        }

        switch (node)
        {
            case OneOf one:
                return Add(one.Characters, next, -1);
            case InSequence sequence:
                return sequence.Parts.Reverse().Aggregate(next, (after, part) => Build(part, after));
            case EitherOf either:
                return either.Choices.Reverse().Select(choice => Build(choice, next)).Aggregate((after, before) => Add(null, before, after));
            case Repeated repeated:
                return Build(repeated, next);
            default:
                throw new System.Diagnostics.UnreachableException($"No states for {node}. This is a bug.");
        }
    }

    int Build(Repeated repeated, int next)
    {
        var start = next;
        if (repeated.Most is { } most)
        {
            for (var optional = repeated.Least; optional < most; optional++)
            {
                start = Add(null, Build(repeated.Part, start), next);
            }
        }
        else
        {
            start = Add(null, -1, next);                   // a loop: its way into the part is known after the part
            _states[start] = (null, Build(repeated.Part, start), next);
        }

        for (var needed = 0; needed < repeated.Least; needed++)
        {
            start = Build(repeated.Part, start);
        }

        return start;
    }

    int Add(CharacterSet? characters, int next, int other)
    {
        _states.Add((characters, next, other));
        return _states.Count - 1;
    }
}
