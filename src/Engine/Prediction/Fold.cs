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
        if (inputs.Length == 1)
        {
            await batcher.StepAsync(state, inputs, aborted);
            State = state;
            yield return new Timestep(state.Step, model.Output.Decode(model.Read(state), top));
            yield break;
        }

        var outputs = readout == Readout.All ? new float[ChunkLength * model.Output.Size] : [];
        for (var start = 0; start < inputs.Length; start += ChunkLength)
        {
            aborted.ThrowIfCancellationRequested();
            var count = Math.Min(ChunkLength, inputs.Length - start);
            var first = state.Step + 1;
            var read = outputs.AsMemory(0, readout == Readout.All ? count * model.Output.Size : 0);
            model.Run(state, inputs.Slice(start, count), count, read.Span);
            for (var t = 0; t < count && readout == Readout.All; t++)
            {
                yield return new Timestep(first + t, model.Output.Decode(read.Span.Slice(t * model.Output.Size, model.Output.Size), top));
            }

            await YieldAsync(start + count);
        }

        if (readout == Readout.Last)
        {
            yield return new Timestep(state.Step, model.Output.Decode(model.Read(state), top));
        }

        State = state;
    }
}
