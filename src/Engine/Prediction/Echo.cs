using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Tells the prompt's tokens before what is generated. One at a time: what is told is what is kept, here too.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="runner">What steps it.</param>
/// <param name="state">Where to begin.</param>
/// <param name="prompt">One token or more.</param>
/// <param name="options">What is told of a token, and for how many generations.</param>
/// <param name="generation">What follows, from the state after the prompt.</param>
/// <param name="history">How many of the states that it passes are wanted.</param>
sealed class Echo(
    RecurrentModel model, IStepRunner runner, RecurrentState state, InputSequence prompt, ChoiceOptions options,
    Func<RecurrentState, Unrolling> generation, int history) : Unrolling(state, history)
{
    readonly TokenCodec _codec = (TokenCodec)model.Input;
    readonly TokenScores? _scores = options.LogProbabilities is { } top ? new(model, top) : null;
    Unrolling? _generation;

    public override ulong? Seed => _generation?.Seed;

    public override IReadOnlyList<Choice> Choices => _generation?.Choices ?? [];

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var beginsText = state.Step == 0;
        var output = _scores is null ? [] : new float[model.Output.Size];
        if (!beginsText)
        {
            _scores?.Read(model.Read(state));
        }

        for (var timestep = 0; timestep < prompt.Length; timestep++)
        {
            var generated = Of(prompt[timestep].Tokens[0], isFirst: beginsText && timestep == 0);
            await runner.RunAsync(state, prompt.Part(timestep, 1), output, aborted);
            _scores?.Read(output);
            MoveTo(state);
            for (var choice = 0; choice < options.N; choice++)
            {
                yield return new Timestep(State.Step, generated) { Choice = choice };
            }

            await YieldAsync(timestep + 1);
        }

        _generation = generation(state);
        await foreach (var timestep in _generation.RunAsync(aborted))
        {
            if (_generation.State.Step != State.Step)
            {
                MoveTo(_generation.State);
            }

            yield return timestep;
        }

        Finish = _generation.Finish;
    }

    /// <summary>The model says nothing of a text's first token.</summary>
    Generated Of(int token, bool isFirst) => new(token, _codec.TextOf(token, isFirst), Probability: null)
    {
        Score = isFirst && _scores is not null ? new(LogProbability: null, []) : _scores?.Of(token, isFirst),
    };

    void MoveTo(RecurrentState state)
    {
        State = state.Copy();
        Trail.Add(State);
    }
}
