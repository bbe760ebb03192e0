using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Looks for the most probable texts: of all continuations of the hypotheses by one token, the B most probable are followed, and
/// those of them that end (end token, stop string, complete pattern, most tokens) are ranked by
/// <code>
/// score = sum_t log p(token_t | tokens before) / length^alpha
/// </code>
/// With B = 1 it takes the most probable token each time. It ends when no hypothesis can come before the n-th that has ended: each
/// token makes the sum less, so the score can't exceed sum / (most tokens)^alpha.
/// </summary>
/// <inheritdoc cref="TokenGeneration" path="/param"/>
sealed class BeamSearch(
    RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence prompt, bool beginsText, GenerationOptions options,
    TokenRules rules, int history) : Selection(state, history)
{
    readonly TokenCodec _codec = (TokenCodec)model.Input;
    readonly NextTokenHead _head = (NextTokenHead)model.Output;
    readonly TokenScores _scores = new(model, options.Choice.LogProbabilities);
    readonly StepGroup _group = new(batcher);
    readonly int _beams = options.Choice.Beams!.Value;
    readonly double _alpha = options.Choice.LengthPenalty ?? 0;
    readonly List<(IReadOnlyList<Generated> Text, Choice Choice)> _ended = [];

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var output = await ReadPromptAsync(model, batcher, state, prompt, aborted);
        State = state.Copy();                              // what is read stays read, also if nothing is told

        List<Hypothesis> open = [new() { State = state.Copy(), Output = output, Stops = new StopMatcher(options.Stop) }];
        while (open.Count > 0 && CanWin(open[0]))
        {
            aborted.ThrowIfCancellationRequested();
            open = Continue(open);
            _group.Gather(open.Count);
            await Task.WhenAll(open.Select(hypothesis => _group.RunAsync(
                hypothesis.State, new InputSequence(new[] { hypothesis.Path!.Token.Token!.Value }), hypothesis.Output, aborted)));
        }

        End([.. _ended.Select(ended => ended.Choice)]);
        await foreach (var timestep in TellAsync(batcher, state, [.. _ended.Select(ended => ended.Text)], aborted))
        {
            yield return timestep;
        }
    }

    /// <summary>Whether the most probable hypothesis can still come before the last of those that would be told now.</summary>
    bool CanWin(Hypothesis best) =>
        _ended.Count < options.Choice.N || ScoreOf(best.LogProbability, options.MaxLength, _alpha) > _ended[^1].Choice.Score;

    /// <summary>The B most probable continuations, in falling order, without those that end.</summary>
    List<Hypothesis> Continue(List<Hypothesis> open)
    {
        var continuations = new List<(Hypothesis Before, int Token, double LogProbability, TokenScore? Score)>();
        foreach (var hypothesis in open)
        {
            _scores.Read(hypothesis.Output);
            var top = _scores.Top(IsFirst(hypothesis));
            foreach (var token in _scores.MostProbable(_beams, rules.Pattern, hypothesis.Place, options.MaxLength - hypothesis.Length))
            {
                var logProbability = _scores.LogProbabilityOf(token);
                continuations.Add((hypothesis, token, hypothesis.LogProbability + logProbability, top is null ? null : new(logProbability, top)));
            }
        }

        var next = new List<Hypothesis>();
        foreach (var (before, token, logProbability, score) in continuations.OrderByDescending(item => item.LogProbability).Take(_beams))
        {
            var hypothesis = Append(before, token, logProbability, score, out var finish);
            if (finish is null)
            {
                next.Add(hypothesis);
            }
            else
            {
                Ended(hypothesis, finish.Value);
            }
        }

        return next;
    }

    /// <summary>A hypothesis with the state before its token, which is still to be applied.</summary>
    Hypothesis Append(Hypothesis before, int token, double logProbability, TokenScore? score, out FinishReason? finish)
    {
        var isEnd = token == _codec.Vocabulary.End;
        var text = isEnd ? "" : _codec.TextOf(token, IsFirst(before));
        var stops = before.Stops.Copy();
        var isStopped = stops.Push(text, out var safe);
        var place = rules.Pattern?.After(before.Place, token) ?? before.Place;
        finish = isEnd ? FinishReason.End
            : isStopped ? FinishReason.Stop
            : rules.Pattern?.Ends(place, options.MaxLength - before.Length - 1) == true ? FinishReason.Pattern
            : before.Length + 1 == options.MaxLength ? FinishReason.Length
            : null;
        var probability = MathF.Exp((float)(logProbability - before.LogProbability));
        return new()
        {
            Path = isEnd ? before.Path : new(before.Path, new Generated(token, text, probability) { Score = score }),
            Length = before.Length + 1,
            LogProbability = logProbability,
            State = finish is null ? before.State.Copy() : before.State,
            Output = finish is null ? new float[_head.Size] : [],
            Stops = stops,
            Safe = before.Safe + safe,
            Place = place,
        };
    }

    /// <summary>Ranks a hypothesis among those that have ended; of two alike the one that ended first stays before the other.</summary>
    void Ended(Hypothesis hypothesis, FinishReason finish)
    {
        var score = ScoreOf(hypothesis.LogProbability, hypothesis.Length, _alpha);
        var place = _ended.FindLastIndex(ended => ended.Choice.Score >= score) + 1;
        if (place < options.Choice.N)
        {
            _ended.Insert(place, (hypothesis.Told(finish), new Choice(finish, null, hypothesis.LogProbability, score)));
        }

        if (_ended.Count > options.Choice.N)
        {
            _ended.RemoveAt(_ended.Count - 1);
        }
    }

    bool IsFirst(Hypothesis before) => beginsText && before.Length == 0;
}
