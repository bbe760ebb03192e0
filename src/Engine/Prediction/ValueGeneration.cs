using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>Continues a series: the values of the output are the features of the next timestep.</summary>
sealed class ValueGeneration(
    RecurrentModel model, IStepRunner batcher, RecurrentState state, InputSequence prompt, GenerationOptions options, int history)
    : Unrolling(state, history)
{
    readonly NumericHead _head = (NumericHead)model.Output;

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var output = await ReadPromptAsync(model, batcher, state, prompt, aborted);

        for (var length = 0; length < options.MaxLength; length++)
        {
            aborted.ThrowIfCancellationRequested();
            var values = _head.Points(output);
            var input = new ModelInput { Vector = [.. values.Select(value => (double)value)] };
            await batcher.RunAsync(state, model.Input.Encode(input), output, aborted);

            State = state.Copy();
            Trail.Add(State);
            yield return new Timestep(State.Step, new ValueVector(values));
            await YieldAsync(length + 1);
        }

        Finish = FinishReason.Length;
    }
}
