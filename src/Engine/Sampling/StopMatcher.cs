namespace Rnn.Engine.Sampling;

/// <summary>
/// Finds the first stop string in a text that arrives in pieces, and says how much of the text is safe to tell: nothing
/// of a stop string ever gets out, even if it spans pieces.
/// </summary>
/// <param name="stops">The stop strings, none empty.</param>
public sealed class StopMatcher(IReadOnlyList<string> stops)
{
    string _held = "";

    /// <summary>One for a text that is the same up to here and goes its own way from here.</summary>
    public StopMatcher Copy() => new(stops) { _held = _held };

    /// <summary>Takes the next piece of text.</summary>
    /// <param name="piece">What was added to the text.</param>
    /// <param name="safe">How many characters of the text not yet told, this piece included, can't belong to a stop string.</param>
    /// <returns>Whether a stop string is complete; the text ends where it begins.</returns>
    public bool Push(string piece, out int safe)
    {
        if (stops.Count == 0)
        {
            safe = piece.Length;
            return false;
        }

        var text = _held + piece;
        var found = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0);
        if (found.DefaultIfEmpty(-1).Min() is var first and >= 0)
        {
            safe = first;
            return true;
        }

        safe = text.Length - stops.Select(stop => Overlap(text, stop)).DefaultIfEmpty().Max();
        _held = text[safe..];
        return false;
    }

    /// <summary>The length of the longest end of <paramref name="text"/> that begins <paramref name="stop"/>.</summary>
    static int Overlap(string text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.AsSpan()[^length..].SequenceEqual(stop.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
