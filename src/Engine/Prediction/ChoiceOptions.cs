using Rnn.Engine.Models;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Prediction;

/// <summary>How many generations there are, which are kept, and what is told of them.</summary>
public sealed record ChoiceOptions
{
    /// <summary>The most alternatives that are told of a token.</summary>
    public const int MaxTop = 20;

    /// <summary>The most generations that are told, unless <see cref="Limit"/> says more.</summary>
    public const int MaxN = 16;

    /// <summary>The most generations that are drawn to tell the best of.</summary>
    public const int MaxBestOf = 64;

    /// <summary>The most hypotheses of a beam search.</summary>
    public const int MaxBeams = 64;

    /// <summary>The highest alpha.</summary>
    public const double MaxLengthPenalty = 10;

    /// <summary>How many alternatives are told of each token, beside its own log-probability; null for neither. 0 to 20.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Whether the prompt's tokens are told first.</summary>
    public bool Echo { get; init; }

    /// <summary>How many generations are told. 1 to <see cref="Limit"/>, and with beams up to as many as these.</summary>
    public int N { get; init; } = 1;

    /// <summary>The most that <see cref="N"/> may be, for a protocol whose own limit is another.</summary>
    public int Limit { get; init; } = MaxN;

    /// <summary>How many are drawn, of which the best are told; null for as many as are told. N to 64.</summary>
    public int? BestOf { get; init; }

    /// <summary>How many hypotheses a beam search follows; null to draw. 1 to 64.</summary>
    public int? Beams { get; init; }

    /// <summary>alpha: a hypothesis of a beam search is ranked by its log-probability over length^alpha. 0 to 10.</summary>
    public double? LengthPenalty { get; init; }

    /// <summary>How many sequences run side by side.</summary>
    public int Sequences => Beams ?? BestOf ?? N;

    /// <summary>Whether log-probabilities are needed to tell or to rank.</summary>
    internal bool NeedsScores => LogProbabilities is not null || Sequences > 1;

    /// <summary>Checks every range, and that the options go together.</summary>
    /// <exception cref="EngineException">They don't; the pointer names the one.</exception>
    public void Validate(RecurrentModel model, SamplingOptions sampling)
    {
        InRange("logProbabilities", LogProbabilities ?? 0, 0, MaxTop);
        InRange("beams", Beams ?? 1, 1, MaxBeams);
        InRange("n", N, 1, Beams ?? Limit);
        InRange("bestOf", BestOf ?? N, N, Math.Max(MaxBestOf, Limit));
        if (!(LengthPenalty is null or (>= 0 and <= MaxLengthPenalty)))
        {
            throw EngineException.Input("/lengthPenalty", $"lengthPenalty must be 0 to {MaxLengthPenalty}.");
        }

        if (Beams is null && LengthPenalty is not null)
        {
            throw EngineException.Input("/lengthPenalty", "lengthPenalty ranks the hypotheses of a beam search; give it with beams.");
        }

        if (Beams is not null)
        {
            ExpectNothingDrawn(sampling);
        }

        if (Echo && model.Encoder is not null)
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' is an encoder-decoder, whose input is no beginning of the text; leave echo out.", "/echo");
        }

        if (!model.PredictsTokens)
        {
            ExpectNoTokens(model, sampling);
        }
    }

    void ExpectNothingDrawn(SamplingOptions sampling)
    {
        var drawn = BestOf is not null ? "bestOf" : sampling.FirstOfDrawing;
        if (drawn is not null)
        {
            throw EngineException.Input($"/{drawn}", $"A beam search draws nothing; leave {drawn} out, or beams.");
        }
    }

    void ExpectNoTokens(RecurrentModel model, SamplingOptions sampling)
    {
        var (name, reason) = LogProbabilities is not null ? ("logProbabilities", "which have no probabilities")
            : Echo ? ("echo", "and only tokens are told again")
            : Beams is not null ? ("beams", "among which there is nothing to search")
            : BestOf is not null ? ("bestOf", "the same each time")
            : N > 1 ? ("n", "the same each time")
            : sampling.Pattern is not null ? ("pattern", "which are no text")
            : (sampling.FirstOfTokens, "which are not drawn");
        if (name is not null)
        {
            throw new EngineException(
                ErrorKind.NotSupported, $"Model '{model.Name}' generates values, {reason}; leave {name} out.", $"/{name}");
        }
    }

    static void InRange(string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw EngineException.Input($"/{name}", $"{name} must be {least} to {most}{(name == "n" && most != MaxN ? ", as many as there are beams" : "")}.");
        }
    }
}
