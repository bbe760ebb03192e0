using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>
/// Applies a model to each input in turn, and tells the last output, or all. It is told as a whole: cut off, it never was.
/// </summary>
sealed class Fold(
    RecurrentModel model, IStepRunner batcher, RecurrentState state, InputSequence inputs, Readout readout, int top, int history)
    : Unrolling(state, history)
{
    // Outputs can be wide, and sequences long.
    const int MaxOutputs = 64;

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var width = model.Output.Size;
        if (readout == Readout.Last)
        {
            var output = new float[width];
            await ApplyAsync(batcher, state, inputs, output, aborted);
            yield return new Timestep(state.Step, model.Output.Decode(output, top));
        }
        else
        {
            var stretch = !model.IsCausal ? inputs.Length : Trail.Capacity > 0 ? 1 : Math.Min(MaxOutputs, inputs.Length);
            var outputs = new float[stretch * width];
            for (var start = 0; start < inputs.Length; start += stretch)
            {
                var part = inputs.Part(start, Math.Min(stretch, inputs.Length - start));
                await batcher.RunAsync(state, part, outputs.AsMemory(0, part.Length * width), aborted);
                Trail.Add(state);
                for (var output = 0; output < part.Length; output++)
                {
                    yield return new Timestep(
                        state.Step - part.Length + output + 1, model.Output.Decode(outputs.AsSpan(output * width, width), top));
                }
            }
        }

        State = state;
    }
}
