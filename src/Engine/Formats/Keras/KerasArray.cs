namespace Rnn.Engine.Formats.Keras;

/// <summary>One array of a layer's weights, as Keras keeps it: a kernel is [I, O].</summary>
/// <param name="Shape">The length of each dimension.</param>
/// <param name="Values">Row-major.</param>
sealed record KerasArray(long[] Shape, float[] Values)
{
    /// <summary>The rows of a matrix as columns: [O, I].</summary>
    public float[] Transposed()
    {
        var (rows, columns) = ((int)Shape[0], (int)Shape[1]);
        var transposed = new float[Values.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                transposed[column * rows + row] = Values[row * columns + column];
            }
        }

        return transposed;
    }
}
