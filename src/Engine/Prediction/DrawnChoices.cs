using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sampling;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Several generations drawn from one state, each with a seed of its own. They go on side by side, one batch for a token of each.
/// If more are drawn than told, the best are told when all have ended: those with the highest log-probability per token.
/// </summary>
/// <inheritdoc cref="TokenGeneration" path="/param"/>
sealed class DrawnChoices(
    RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence prompt, bool beginsText, GenerationOptions options,
    TokenRules rules, int history) : Selection(state, history)
{
    readonly StepGroup _group = new(batcher);

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        await ReadPromptAsync(model, batcher, state, prompt, aborted);
        State = state.Copy();                              // what is read stays read, also if nothing is told
        var generations = Generations(state);
        var timesteps = RunAsync(generations, aborted);
        if (generations.Count == options.Choice.N)
        {
            await foreach (var timestep in timesteps)
            {
                if (timestep.Choice == 0 && generations[0].State.Step != State.Step)
                {
                    State = generations[0].State.Copy();
                    Trail.Add(State);
                }

                yield return timestep;
            }

            End([.. generations.Select(ChoiceOf)]);
            yield break;
        }

        var texts = generations.Select(_ => new List<Generated>()).ToList();
        await foreach (var timestep in timesteps)
        {
            texts[timestep.Choice].Add((Generated)timestep.Output);
        }

        var best = generations.Select(ChoiceOf).Index().OrderByDescending(choice => choice.Item.Score).Take(options.Choice.N).ToList();
        End([.. best.Select(choice => choice.Item)]);
        await foreach (var timestep in TellAsync(batcher, state, [.. best.Select(choice => texts[choice.Index])], aborted))
        {
            yield return timestep;
        }
    }

    static Choice ChoiceOf(TokenGeneration generation) => new(
        generation.Finish!.Value, generation.Seed, generation.LogProbability, ScoreOf(generation.LogProbability, generation.Length, 1));

    List<TokenGeneration> Generations(RecurrentState state)
    {
        var seed = options.Sampling.Seed ?? Seeds.Fresh();
        return [.. Enumerable.Range(0, options.Choice.Sequences).Select(choice => new TokenGeneration(
            model, _group, state, prompt, beginsText, options with { Sampling = options.Sampling with { Seed = Seeds.Of(seed, choice) } }, rules, history: 0)
        {
            IsPromptRead = true,
        })];
    }

    /// <summary>A timestep of each that has not ended, then the next of each: the same order every time.</summary>
    async IAsyncEnumerable<Timestep> RunAsync(IReadOnlyList<TokenGeneration> generations, [EnumeratorCancellation] CancellationToken aborted)
    {
        var open = generations.Index().Select(item => (item.Index, Timesteps: item.Item.RunAsync(aborted).GetAsyncEnumerator(aborted))).ToList();
        try
        {
            while (open.Count > 0)
            {
                _group.Gather(open.Count);
                var goesOn = await Task.WhenAll(open.Select(choice => NextAsync(choice.Timesteps)));
                open = [.. open.Where((_, place) => goesOn[place])];
                foreach (var (choice, timesteps) in open)
                {
                    yield return timesteps.Current with { Choice = choice };
                }
            }
        }
        finally
        {
            foreach (var (_, timesteps) in open)
            {
                await timesteps.DisposeAsync();
            }
        }
    }

    async Task<bool> NextAsync(IAsyncEnumerator<Timestep> timesteps)
    {
        try
        {
            return await timesteps.MoveNextAsync();
        }
        finally
        {
            _group.Leave();
        }
    }
}
