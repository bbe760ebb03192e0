namespace Rnn.Engine.Layers;

/// <summary>Turns the order of the timesteps round: y[t] = x[T - 1 - t]. What a backward direction is made of.</summary>
/// <param name="size">I and O.</param>
public sealed class ReverseLayer(int size) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => size;

    /// <inheritdoc/>
    public override int OutputSize => size;

    /// <inheritdoc/>
    public override int ScratchSize => size;

    /// <inheritdoc/>
    public override bool IsCausal => false;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch)
    {
        var width = batch * size;
        for (var t = 0; t < timesteps; t++)
        {
            x.Slice(t * width, width).CopyTo(scratch[((timesteps - 1 - t) * width)..]);
        }

        return scratch[..(timesteps * width)];
    }
}
