using System.Runtime.CompilerServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Prediction;

/// <summary>Applies a model to each input in turn, and tells the last output, or all. It is told as a whole: cut off, it never was.</summary>
sealed class Fold(RecurrentModel model, RecurrentState state, InputSequence inputs, Readout readout, int top)
    : Unrolling(state)
{
    public override async IAsyncEnumerable<Timestep> RunAsync([EnumeratorCancellation] CancellationToken aborted)
    {
        var state = State.Copy();
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            aborted.ThrowIfCancellationRequested();
            model.Step([state], inputs[timestep]);
            await YieldAsync(timestep);
            if (readout == Readout.All || timestep == inputs.Length - 1)
            {
                yield return new Timestep(state.Step, model.Output.Decode(model.Read(state), top));
            }
        }

        State = state;
    }
}
