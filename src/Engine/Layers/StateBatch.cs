namespace Rnn.Engine.Layers;

/// <summary>
/// Lays the states of B sequences out as the layers want them, each part as [B, size], and back. A batch of one needs
/// neither: its state already lies so.
/// </summary>
static class StateBatch
{
    public static void Gather(ReadOnlySpan<RecurrentState> states, Span<float> block)
    {
        var offset = 0;
        foreach (var part in states[0].Layout.Parts)
        {
            for (var row = 0; row < states.Length; row++)
            {
                states[row].Values.Slice(offset, part.Size).CopyTo(block[(states.Length * offset + row * part.Size)..]);
            }

            offset += part.Size;
        }
    }

    public static void Scatter(ReadOnlySpan<float> block, ReadOnlySpan<RecurrentState> states)
    {
        var offset = 0;
        foreach (var part in states[0].Layout.Parts)
        {
            for (var row = 0; row < states.Length; row++)
            {
                block.Slice(states.Length * offset + row * part.Size, part.Size).CopyTo(states[row].Mutable[offset..]);
            }

            offset += part.Size;
        }
    }
}
