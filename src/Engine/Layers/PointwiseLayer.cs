namespace Rnn.Engine.Layers;

/// <summary>A layer that treats every timestep alone.</summary>
public abstract class PointwiseLayer : Layer
{
    /// <summary>Applies the layer to every row.</summary>
    /// <param name="rows">How many timesteps of how many sequences.</param>
    /// <param name="x">[rows, I].</param>
    /// <param name="scratch">At least rows * <see cref="Layer.ScratchSize"/> floats; undefined afterwards.</param>
    /// <returns>[rows, O]; it lies in <paramref name="scratch"/>.</returns>
    public abstract ReadOnlySpan<float> Apply(int rows, ReadOnlySpan<float> x, Span<float> scratch);

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<float> Run(
        int batch, int timesteps, ReadOnlySpan<float> x, Span<float> state, Span<float> scratch) => Apply(timesteps * batch, x, scratch);
}
