namespace Rnn.OnnxRuntime;

/// <summary>A state that a graph takes in one tensor and gives in another, for several sequences at once along one axis.</summary>
/// <param name="Input">The name of the input.</param>
/// <param name="Output">The name of the output.</param>
/// <param name="Shape">The input's shape; that of the batch axis is 1.</param>
/// <param name="BatchAxis">Along which sequences lie; null if there can be only one.</param>
sealed record StateTensor(string Input, string Output, long[] Shape, int? BatchAxis)
{
    /// <summary>The floats of one sequence.</summary>
    public int Size { get; } = (int)Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The shape for B sequences.</summary>
    public long[] ShapeOf(int batch) => BatchAxis is { } axis ? [.. Shape[..axis], batch, .. Shape[(axis + 1)..]] : Shape;

    /// <summary>Puts the state of one sequence into a tensor of B.</summary>
    public void Gather(ReadOnlySpan<float> state, int batch, int row, Span<float> tensor)
    {
        var inner = Inner;
        for (var outer = 0; outer < Size / inner; outer++)
        {
            state.Slice(outer * inner, inner).CopyTo(tensor[((outer * batch + row) * inner)..]);
        }
    }

    /// <summary>Takes the state of one sequence out of a tensor of B.</summary>
    public void Scatter(ReadOnlySpan<float> tensor, int batch, int row, Span<float> state)
    {
        var inner = Inner;
        for (var outer = 0; outer < Size / inner; outer++)
        {
            tensor.Slice((outer * batch + row) * inner, inner).CopyTo(state[(outer * inner)..]);
        }
    }

    /// <summary>How many floats of one sequence lie side by side.</summary>
    int Inner => BatchAxis is { } axis ? (int)Shape[(axis + 1)..].Aggregate(1L, (product, size) => product * size) : Size;
}
