using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>Generates text: draws a token from the output's distribution and feeds it back.</summary>
/// <param name="model">The model.</param>
/// <param name="batcher">What steps it.</param>
/// <param name="state">Where to begin.</param>
/// <param name="prompt">What to read first.</param>
/// <param name="beginsText">Whether no text comes before: neither a prompt nor what a session has read.</param>
/// <param name="options">How long, and how to draw.</param>
/// <param name="rules">What the options prefer and forbid, in the model's tokens.</param>
/// <param name="history">How many of the states that it passes are wanted.</param>
sealed class TokenGeneration(
    RecurrentModel model, IStepRunner batcher, RecurrentState state, InputSequence prompt, bool beginsText, GenerationOptions options,
    TokenRules rules, int history) : Unrolling(state, history)
{
    readonly TokenCodec _codec = (TokenCodec)model.Input;
    readonly TokenDraw _draw = new(model, options.Sampling, rules, prompt);
    readonly StopMatcher _stops = new(options.Stop);
    readonly TokenScores? _scores = options.Choice.NeedsScores ? new(model, options.Choice.LogProbabilities) : null;

    // What may be the beginning of a stop string is not told yet; each with the state after it.
    readonly Queue<(Timestep Timestep, string Text, RecurrentState State)> _held = [];

    public override ulong? Seed => _draw.Seed;

    /// <summary>The sum of log p over all tokens that were drawn, those that ended it included, if scores were asked for.</summary>
    public double LogProbability { get; private set; }

    /// <summary>How many tokens were drawn, those that ended it included.</summary>
    public int Length { get; private set; }

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var told = State.Copy();
        var output = await ReadPromptAsync(model, batcher, state, prompt, aborted);
        state.CopyTo(told);
        State = told;                                      // what is read stays read, also if nothing is told
        var input = new int[1];
        var inputs = new InputSequence(input);

        for (var length = 0; length < options.MaxLength; length++)
        {
            aborted.ThrowIfCancellationRequested();
            _scores?.Read(output);
            var token = _draw.Next(output, options.MaxLength - length);
            LogProbability += _scores?.LogProbabilityOf(token) ?? 0;
            Length++;
            if (token == _codec.Vocabulary.End)
            {
                Finish = FinishReason.End;
                break;
            }

            var isFirst = beginsText && length == 0;
            var text = _codec.TextOf(token, isFirst);
            var generated = new Generated(token, text, output[token]) { Score = _scores?.Of(token, isFirst) };
            input[0] = token;
            await batcher.RunAsync(state, inputs, output, aborted);

            var timestep = new Timestep(state.Step, generated);
            var stopped = _stops.Push(text, out var safe);
            if (_held.Count == 0 && safe == text.Length && !stopped)
            {
                state.CopyTo(told);                        // the usual case, for which no state is allocated
                State = told;
                Trail.Add(told);
                yield return timestep;
            }
            else
            {
                _held.Enqueue((timestep, text, state.Copy()));
                while (_held.TryPeek(out var first) && first.Text.Length <= safe)
                {
                    safe -= first.Text.Length;
                    yield return Tell();
                }

                if (stopped)
                {
                    Finish = FinishReason.Stop;
                    if (safe > 0)                          // a token that began before the stop string: its part, not its step
                    {
                        var cut = (Generated)_held.Peek().Timestep.Output;
                        yield return new Timestep(State.Step, cut with { Token = null, Text = cut.Text[..safe] });
                    }

                    yield break;
                }
            }

            if (_draw.IsComplete(options.MaxLength - length - 1))
            {
                Finish = FinishReason.Pattern;
                break;
            }

            await YieldAsync(length + 1);
        }

        Finish ??= FinishReason.Length;
        while (_held.Count > 0)
        {
            yield return Tell();
        }
    }

    Timestep Tell()
    {
        (var timestep, _, State) = _held.Dequeue();
        Trail.Add(State);
        return timestep;
    }
}
