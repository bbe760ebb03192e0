namespace Rnn.Engine.Numerics;

/// <summary>Weights W [N, K] of a linear map y = W x, one row for each output. Immutable once loaded.</summary>
public sealed class Matrix
{
    readonly float[] _values;

    /// <param name="rows">N, the number of outputs.</param>
    /// <param name="columns">K, the number of inputs.</param>
    /// <param name="values">N * K weights, row by row; kept, not copied.</param>
    public Matrix(int rows, int columns, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, (long)rows * columns);
        Rows = rows;
        Columns = columns;
        _values = values;
    }

    /// <summary>N, the number of outputs.</summary>
    public int Rows { get; }

    /// <summary>K, the number of inputs.</summary>
    public int Columns { get; }

    /// <summary>The weights of output <paramref name="index"/>, [K].</summary>
    public ReadOnlySpan<float> Row(int index) => _values.AsSpan(index * Columns, Columns);
}
