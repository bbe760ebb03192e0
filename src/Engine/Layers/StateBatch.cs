namespace Rnn.Engine.Layers;

/// <summary>
/// Lays the states of B sequences out as the layers want them, each part as [B, size], and back. A batch of one needs
/// neither: its state already lies so.
/// </summary>
static class StateBatch
{
    /// <param name="parts">The first parts of the states: those of the layers.</param>
    /// <param name="states">B of them.</param>
    /// <param name="block">Each part as [B, size].</param>
    public static void Gather(IReadOnlyList<StatePart> parts, ReadOnlySpan<RecurrentState> states, Span<float> block)
    {
        var offset = 0;
        foreach (var part in parts)
        {
            for (var row = 0; row < states.Length; row++)
            {
                states[row].Values.Slice(offset, part.Size).CopyTo(block[(states.Length * offset + row * part.Size)..]);
            }

            offset += part.Size;
        }
    }

    /// <inheritdoc cref="Gather" path="/param"/>
    public static void Scatter(IReadOnlyList<StatePart> parts, ReadOnlySpan<float> block, ReadOnlySpan<RecurrentState> states)
    {
        var offset = 0;
        foreach (var part in parts)
        {
            for (var row = 0; row < states.Length; row++)
            {
                block.Slice(states.Length * offset + row * part.Size, part.Size).CopyTo(states[row].Mutable[offset..]);
            }

            offset += part.Size;
        }
    }
}
