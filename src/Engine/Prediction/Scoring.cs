using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Compares each output with the token that came next. The first token is scored if something comes before it: what the state has
/// read, or the model's start token.
/// </summary>
/// <param name="model">A model of tokens.</param>
/// <param name="batcher">What steps it.</param>
/// <param name="state">Where the sequence begins; it stays there.</param>
/// <param name="inputs">The tokens.</param>
/// <param name="top">How many alternatives are told of each.</param>
/// <param name="beginsText">Whether no token comes before.</param>
sealed class Scoring(RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence inputs, int top, bool beginsText)
    : Unrolling(state, history: 0)
{
    // Outputs are as wide as the vocabulary, and sequences long.
    const int MaxOutputs = 64;

    readonly TokenCodec _codec = (TokenCodec)model.Input;
    readonly TokenScores _scores = new(model, top);
    double _logProbability;
    int _scored;

    public override SequenceScore Score => new(_logProbability, _scored);

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var width = model.Output.Size;
        yield return new Timestep(State.Step, await FirstAsync(state, aborted));

        // The last token is not applied: nobody asks what comes after it.
        var outputs = new float[Math.Min(MaxOutputs, inputs.Length - 1) * width];
        for (var start = 0; start < inputs.Length - 1; start += MaxOutputs)
        {
            var part = inputs.Part(start, Math.Min(MaxOutputs, inputs.Length - 1 - start));
            await batcher.RunAsync(state, part, outputs.AsMemory(0, part.Length * width), aborted);
            for (var output = 0; output < part.Length; output++)
            {
                _scores.Read(outputs.AsSpan(output * width, width));
                yield return new Timestep(State.Step, Of(start + output + 1, isFirst: false));
            }
        }
    }

    async Task<Generated> FirstAsync(RecurrentState state, CancellationToken aborted)
    {
        if (!beginsText)
        {
            _scores.Read(model.Read(state));
        }
        else if (_codec.Vocabulary.Start is { } start)
        {
            var output = new float[model.Output.Size];
            await batcher.RunAsync(state, new InputSequence(new[] { start }), output, aborted);
            _scores.Read(output);
        }
        else
        {
            var token = inputs[0].Tokens[0];
            return new(token, _codec.TextOf(token, isFirst: true), Probability: null) { Score = new(LogProbability: null, []) };
        }

        return Of(0, beginsText);
    }

    Generated Of(int timestep, bool isFirst)
    {
        var token = inputs[timestep].Tokens[0];
        _logProbability += _scores.LogProbabilityOf(token);
        _scored++;
        var text = token == _codec.Vocabulary.End ? "" : _codec.TextOf(token, isFirst);
        return new(token, text, Probability: null) { Score = _scores.Of(token, isFirst) };
    }
}
