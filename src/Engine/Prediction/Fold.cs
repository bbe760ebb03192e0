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
    RecurrentModel model, StepBatcher batcher, RecurrentState state, InputSequence inputs, Readout readout, int top) : Unrolling(state)
{
    // Outputs can be wide, and sequences long.
    const int MaxOutputs = 64;

    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        var width = model.Output.Size;
        var stretch = readout == Readout.All && model.IsCausal ? Math.Min(MaxOutputs, inputs.Length) : inputs.Length;
        var outputs = new float[readout == Readout.All ? stretch * width : width];
        for (var start = 0; start < inputs.Length; start += stretch)
        {
            var part = inputs.Part(start, Math.Min(stretch, inputs.Length - start));
            var read = outputs.AsMemory(0, readout == Readout.All ? part.Length * width : width);
            await batcher.RunAsync(state, part, read, aborted);
            for (var output = 0; output < read.Length / width; output++)
            {
                var step = state.Step - read.Length / width + output + 1;
                yield return new Timestep(step, model.Output.Decode(read.Span.Slice(output * width, width), top));
            }
        }

        State = state;
    }
}
