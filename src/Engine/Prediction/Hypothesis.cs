using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Sampling;
using Rnn.Engine.Sampling.Patterns;

namespace Rnn.Engine.Prediction;

/// <summary>A text that a beam search follows.</summary>
sealed class Hypothesis
{
    /// <summary>Its tokens but for the end token, the last one first. They hold no states: those before are not needed any more.</summary>
    public TokenPath? Path { get; init; }

    /// <summary>How many tokens it has, the end token and those of a stop string included.</summary>
    public int Length { get; init; }

    /// <summary>The sum of log p over them.</summary>
    public double LogProbability { get; init; }

    /// <summary>The state after it.</summary>
    public required RecurrentState State { get; init; }

    /// <summary>The network's output after it, [V].</summary>
    public required float[] Output { get; init; }

    /// <summary>What it may have of a stop string.</summary>
    public required StopMatcher Stops { get; init; }

    /// <summary>Where it is in the pattern.</summary>
    public int Place { get; init; } = TokenPattern.Start;

    /// <summary>How many characters of it are told at least.</summary>
    public int Safe { get; init; }

    /// <summary>Its tokens, without what a stop string cuts off.</summary>
    /// <param name="finish">Why it ended.</param>
    public IReadOnlyList<Generated> Told(FinishReason finish)
    {
        var pieces = new List<Generated>();
        for (var path = Path; path is not null; path = path.Before)
        {
            pieces.Add(path.Token);
        }

        pieces.Reverse();
        return finish == FinishReason.Stop ? Cut(pieces) : pieces;
    }

    List<Generated> Cut(List<Generated> pieces)
    {
        var told = new List<Generated>();
        var left = Safe;
        foreach (var piece in pieces.TakeWhile(_ => left > 0))
        {
            told.Add(piece.Text.Length <= left ? piece : piece with { Token = null, Text = piece.Text[..left] });
            left -= piece.Text.Length;
        }

        return told;
    }
}

/// <summary>A token and those before it.</summary>
sealed class TokenPath(TokenPath? before, Generated token)
{
    public TokenPath? Before => before;

    public Generated Token => token;
}
