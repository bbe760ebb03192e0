using System.Numerics.Tensors;

namespace Rnn.Engine.Numerics;

/// <summary>
/// Products of a batch with weights. Each output is the dot product of one row of x with one row of W, summed in an
/// order that depends on K alone: the bits of an answer never depend on who else is in the batch.
/// </summary>
public static class Gemm
{
    /// <summary>y = x W^T + b.</summary>
    /// <param name="batch">B, the number of rows of x and y.</param>
    /// <param name="x">[B, K].</param>
    /// <param name="weights">W [N, K].</param>
    /// <param name="bias">b [N], or empty for none.</param>
    /// <param name="y">[B, N]; overwritten.</param>
    public static void Multiply(
        int batch, ReadOnlySpan<float> x, Matrix weights, ReadOnlySpan<float> bias, Span<float> y)
    {
        for (var n = 0; n < weights.Rows; n++)
        {
            var row = weights.Row(n);                     // read once for the whole batch
            var b = bias.IsEmpty ? 0f : bias[n];
            for (var i = 0; i < batch; i++)
            {
                y[i * weights.Rows + n] = TensorPrimitives.Dot(x.Slice(i * row.Length, row.Length), row) + b;
            }
        }
    }

    /// <summary>y += x W^T.</summary>
    /// <inheritdoc cref="Multiply" path="/param"/>
    public static void MultiplyAdd(int batch, ReadOnlySpan<float> x, Matrix weights, Span<float> y)
    {
        for (var n = 0; n < weights.Rows; n++)
        {
            var row = weights.Row(n);
            for (var i = 0; i < batch; i++)
            {
                y[i * weights.Rows + n] += TensorPrimitives.Dot(x.Slice(i * row.Length, row.Length), row);
            }
        }
    }
}
