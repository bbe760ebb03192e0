namespace Rnn.Engine.Sampling.Patterns;

/// <summary>
/// The texts of a vocabulary's tokens that match a pattern. A text's place in it is a number: <see cref="Start"/> before the first
/// token, then what <see cref="After"/> tells. Immutable, so any number of texts can be followed at once.
/// <code>
/// a token may come   if   1 + distance(place after it) &lt;= tokens left
/// </code>
/// where the distance is the least number of tokens to a match, so whatever is drawn of these, the text matches in the end.
/// </summary>
public sealed class TokenPattern
{
    /// <summary>The place of the empty text.</summary>
    public const int Start = 0;

    const int Nowhere = int.MaxValue;

    readonly int? _end;
    readonly List<int[]> _next = [];                       // by place: the place after each token, or PatternDfa.Dead
    readonly List<bool> _isAccepting = [];
    readonly int[] _distance;
    readonly int[] _nearest;                               // by place: the least distance after a token

    /// <param name="pattern">What a text matches.</param>
    /// <param name="texts">What each token adds to a text, [V].</param>
    /// <param name="firstTexts">What each token adds to the empty text, [V].</param>
    /// <param name="end">The token that ends a text, if there is one.</param>
    /// <exception cref="EngineException">The pattern has too many states.</exception>
    internal TokenPattern(PatternNode pattern, IReadOnlyList<string> texts, IReadOnlyList<string> firstTexts, int? end)
    {
        _end = end;
        var nfa = new PatternNfa(pattern);
        var alphabet = new Alphabet(nfa, texts.Concat(firstTexts));
        Follow(new PatternDfa(nfa, alphabet), [.. firstTexts.Select(alphabet.ClassesOf)], [.. texts.Select(alphabet.ClassesOf)]);
        _distance = Distances();
        _nearest = [.. _next.Select(row => row.Min(DistanceOf))];
    }

    /// <summary>The place after a token that may come.</summary>
    public int After(int place, int token) => token == _end ? place : _next[place][token];

    /// <summary>Whether nothing can be added to a text: it matches, and nothing longer does that is short enough.</summary>
    /// <param name="place">The text's.</param>
    /// <param name="left">How many tokens may still come. If none may, the question is whether any length would help.</param>
    public bool Ends(int place, int left) => _nearest[place] >= (left > 0 ? left : Nowhere);

    /// <summary>Sets the logits, or log-probabilities, of all tokens to negative infinity that may not come.</summary>
    /// <param name="place">The text's.</param>
    /// <param name="left">How many tokens may still come, the next one included; enough for a match.</param>
    /// <param name="logits">Of the tokens, [V].</param>
    public void Mask(int place, int left, Span<float> logits)
    {
        var row = _next[place];
        for (var token = 0; token < row.Length; token++)
        {
            if (DistanceOf(row[token]) >= left && !(token == _end && _isAccepting[place]))
            {
                logits[token] = float.NegativeInfinity;
            }
        }
    }

    /// <summary>Checks that there is a text that matches.</summary>
    /// <param name="maxLength">The most tokens that it may have.</param>
    /// <exception cref="EngineException">There is none, or the empty one only.</exception>
    public void ExpectText(int maxLength)
    {
        var which = _isAccepting[Start] ? "No text but the empty one" : "No text";
        if (_nearest[Start] == Nowhere)
        {
            throw EngineException.Input("/pattern", $"{which} of this model's tokens matches the pattern.");
        }

        if (_nearest[Start] >= maxLength)
        {
            throw EngineException.Input(
                "/pattern", $"{which} that matches the pattern is so short: the shortest has {_nearest[Start] + 1} tokens, and maxLength is {maxLength}.");
        }
    }

    int DistanceOf(int place) => place == PatternDfa.Dead ? Nowhere : _distance[place];

    /// <summary>Finds all places, and the place after each token.</summary>
    void Follow(PatternDfa dfa, int[][] firstTexts, int[][] texts)
    {
        var states = new List<int> { dfa.Start };          // by place; the empty text has a place of its own, as the first token may read otherwise
        var places = new Dictionary<int, int>();
        for (var place = 0; place < states.Count; place++)
        {
            if ((long)(place + 1) * texts.Length > PatternDfa.MaxTransitions)
            {
                throw PatternDfa.TooManyStates();
            }

            var row = new int[texts.Length];
            for (var token = 0; token < row.Length; token++)
            {
                var state = token == _end ? PatternDfa.Dead : dfa.After(states[place], (place == Start ? firstTexts : texts)[token]);
                if (state == PatternDfa.Dead)
                {
                    row[token] = PatternDfa.Dead;
                }
                else if (places.TryGetValue(state, out row[token]) is false)
                {
                    row[token] = places[state] = states.Count;
                    states.Add(state);
                }
            }

            _next.Add(row);
            _isAccepting.Add(dfa.IsAccepting(states[place]));
        }
    }

    /// <summary>The least number of tokens from each place to a match, breadth first from the places that match.</summary>
    int[] Distances()
    {
        var before = _next.Select(_ => new List<int>()).ToArray();
        foreach (var (place, row) in _next.Index())
        {
            foreach (var next in row.Distinct().Where(next => next != PatternDfa.Dead))
            {
                before[next].Add(place);
            }
        }

        var distance = new int[_next.Count];
        Array.Fill(distance, Nowhere);
        var open = new Queue<int>(Enumerable.Range(0, _next.Count).Where(place => _isAccepting[place]));
        foreach (var place in open)
        {
            distance[place] = 0;
        }

        while (open.TryDequeue(out var place))
        {
            foreach (var nearer in before[place].Where(nearer => distance[nearer] == Nowhere))
            {
                distance[nearer] = distance[place] + 1;
                open.Enqueue(nearer);
            }
        }

        return distance;
    }
}
