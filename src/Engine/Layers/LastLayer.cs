namespace Rnn.Engine.Layers;

/// <summary>Only the last timestep goes on: y = x[T - 1].</summary>
/// <param name="size">I and O.</param>
public sealed class LastLayer(int size) : Layer
{
    /// <inheritdoc/>
    public override int InputSize => size;

    /// <inheritdoc/>
    public override int OutputSize => size;

    /// <inheritdoc/>
    public override int ScratchSize => 0;

    /// <inheritdoc/>
    public override bool IsCausal => false;

    /// <inheritdoc/>
    public override int Timesteps(int timesteps) => 1;

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Run(int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch) =>
        x.Slice((timesteps - 1) * batch * size, batch * size);
}
