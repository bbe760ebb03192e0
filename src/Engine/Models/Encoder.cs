using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Models;

/// <summary>
/// The first half of an encoder-decoder (Sutskever et al. 2014): it reads a source as a whole, and what it is left with is the
/// state that the decoder begins with. So a decoder is a model like any other, and its state holds all that it knows of the source.
/// </summary>
/// <param name="model">What reads the source; its outputs are what a decoder may attend to.</param>
/// <param name="bridge">From the final state of <paramref name="model"/> to the recurrent parts of the decoder's; null to copy it.</param>
/// <param name="maxLength">The most timesteps of a source.</param>
public sealed class Encoder(RecurrentModel model, DenseLayer? bridge, int maxLength)
{
    /// <summary>What reads the source.</summary>
    public RecurrentModel Model => model;

    /// <summary>The most timesteps of a source.</summary>
    public int MaxLength => maxLength;

    /// <summary>Room for the outputs of a source: [S, M] if a decoder looks at every one, none if at the final state only.</summary>
    /// <param name="layout">The decoder's.</param>
    /// <param name="length">S.</param>
    internal float[] NewOutputs(StateLayout layout, int length) =>
        new float[layout.Parts.Any(part => part.Kind == StateKind.Memory) ? length * model.Output.Size : 0];

    /// <summary>The state of a decoder that has read nothing but the source.</summary>
    /// <param name="layout">The decoder's.</param>
    /// <param name="source">The encoder's state after the source.</param>
    /// <param name="outputs">The encoder's outputs, [S, M]; empty if the decoder does not attend to them.</param>
    /// <param name="step">The steps that came before the source.</param>
    internal RecurrentState Begin(StateLayout layout, RecurrentState source, ReadOnlySpan<float> outputs, long step)
    {
        var values = new float[layout.Size];
        var bridged = bridge is null ? source.Values : bridge.Apply(1, source.Values, new float[bridge.ScratchSize]);
        var offset = 0;
        foreach (var part in layout.Parts)
        {
            var place = values.AsSpan(offset, part.Size);
            offset += part.Size;
            switch (part.Kind)
            {
                case StateKind.Memory:
                    outputs.CopyTo(place);
                    break;
                case StateKind.Length:
                    place[0] = outputs.Length / model.Output.Size;
                    break;
                default:
                    bridged[..part.Size].CopyTo(place);
                    bridged = bridged[part.Size..];
                    break;
            }
        }

        return new RecurrentState(layout, step + source.Step, values);
    }

    /// <summary>The same from the source itself, run at once.</summary>
    internal RecurrentState Begin(StateLayout layout, InputSequence source)
    {
        var state = new RecurrentState(model.Layout);
        var outputs = NewOutputs(layout, source.Length);
        int[] reads = [.. Enumerable.Range(0, outputs.Length / model.Output.Size)];
        model.Run([state], source.Length, source.At(0, source.Length), reads, outputs);
        return Begin(layout, state, outputs, step: 0);
    }
}
