using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Models;

/// <summary>Runs a model that has no examples once, so that the first call does not wait for code to be compiled and weights to be fetched.</summary>
static class WarmUp
{
    public static void Run(RecurrentModel model)
    {
        var zero = model.Input is TokenCodec ? new InputSequence(new[] { 0 }) : new InputSequence(new float[model.Input.Size], model.Input.Size);
        var state = model.Encoder is { } encoder && encoder.Model.Input is TokenCodec
            ? encoder.Begin(model.Layout, new InputSequence(new[] { 0 }))
            : new RecurrentState(model.Layout);
        model.Run([state], 1, zero[0], [0], new float[model.Output.Size]);
    }
}
