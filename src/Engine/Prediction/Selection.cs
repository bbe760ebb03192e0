using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>Several generations from one state, of which the first one told is the one whose state is kept.</summary>
/// <param name="state">Where it begins; not changed.</param>
/// <param name="history">How many of the states that it passes are wanted.</param>
abstract class Selection(RecurrentState state, int history) : Unrolling(state, history)
{
    IReadOnlyList<Choice> _choices = [];

    public override IReadOnlyList<Choice> Choices => _choices;

    public override ulong? Seed => _choices is [var first, ..] ? first.Seed : null;

    /// <summary>log p / length^alpha.</summary>
    protected static double ScoreOf(double logProbability, int length, double alpha) => logProbability / Math.Pow(length, alpha);

    /// <summary>Says how they came out, the one whose state is kept first.</summary>
    protected void End(IReadOnlyList<Choice> choices)
    {
        _choices = choices;
        Finish = choices[0].Finish;
    }

    /// <summary>
    /// Tells generations that were found as a whole. The first one's tokens are applied again as they are told, so that the state
    /// follows what is told and states on the way need not be kept while many are followed.
    /// </summary>
    /// <param name="runner">What steps the model.</param>
    /// <param name="state">The state after the prompt; advanced in place.</param>
    /// <param name="texts">What is told of each.</param>
    /// <param name="aborted">Ends it.</param>
    protected async IAsyncEnumerable<Timestep> TellAsync(
        IStepRunner runner, RecurrentState state, IReadOnlyList<IReadOnlyList<Generated>> texts, [EnumeratorCancellation] CancellationToken aborted)
    {
        var begin = state.Step;
        for (var (choice, length) = (0, 0); choice < texts.Count; choice++, length = 0)
        {
            foreach (var piece in texts[choice])
            {
                length += piece.Token is null ? 0 : 1;
                if (choice == 0 && piece.Token is { } token)
                {
                    await runner.RunAsync(state, new InputSequence(new[] { token }), Memory<float>.Empty, aborted);
                    State = state.Copy();
                    Trail.Add(State);
                    await YieldAsync(length);
                }

                yield return new Timestep(begin + length, piece) { Choice = choice };
            }
        }
    }
}
