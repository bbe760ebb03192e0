using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Prediction;

/// <summary>Applies a model to each input in turn, and tells the last output, or all. A single one is
/// stepped together with those of other callers. It is told as a whole: cut off, it never was.</summary>
sealed class Fold(
    RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence inputs, Readout readout, int top) : Unrolling(state)
{
    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        if (readout == Readout.All && inputs.Length > 1)
        {
            var width = model.Output.Size;
            var outputs = new float[ChunkLength * width];
            for (var start = 0; start < inputs.Length; start += ChunkLength)
            {
                aborted.ThrowIfCancellationRequested();
                var count = Math.Min(ChunkLength, inputs.Length - start);
                var first = state.Step + 1;
                model.Run(state, inputs.Slice(start, count), count, outputs.AsSpan(0, count * width));
                for (var t = 0; t < count; t++)
                {
                    yield return new Timestep(first + t, model.Output.Decode(outputs.AsSpan(t * width, width), top));
                }

                await YieldAsync(start + count);
            }
        }
        else
        {
            await (inputs.Length == 1 ? batcher.StepAsync(state, inputs, aborted) : AdvanceAsync(model, state, inputs, aborted));
            yield return new Timestep(state.Step, model.Output.Decode(model.Read(state), top));
        }

        State = state;
    }
}
