using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Rnn.Engine.Numerics;

/// <summary>
/// Weights W [N, K] of a linear map y = W x in the order in which a product reads them: panels of 64 outputs, in each the
/// 64 weights of input 0, then those of input 1, and so on, so that a step streams through memory once. Gates are
/// interleaved: 16 units of the first gate, the same 16 of the next, so that a cell finds the gates of its units side by
/// side. Immutable and safe to share.
/// </summary>
public abstract class PackedMatrix
{
    /// <summary>How many outputs of one gate lie side by side: the lanes of an <see cref="ILanes{T}"/>.</summary>
    internal const int Lanes = 16;

    /// <summary>How many outputs a panel has.</summary>
    internal const int Panel = 4 * Lanes;

    /// <summary>The bytes that memory is read in.</summary>
    internal const int CacheLine = 64;

    readonly WeakReference<float[]> _columns = new(null!);

    private protected PackedMatrix(int rows, int columns, int gates)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows % gates, 0);
        Rows = rows;
        Columns = columns;
        Units = rows / gates;
        Gates = gates;
        PackedSize = RoundUp(RoundUp(Units, Lanes) * gates, Panel);
    }

    /// <summary>N, the number of outputs.</summary>
    public int Rows { get; }

    /// <summary>K, the number of inputs.</summary>
    public int Columns { get; }

    /// <summary>N / G, the outputs of one gate.</summary>
    public int Units { get; }

    /// <summary>G.</summary>
    public int Gates { get; }

    /// <summary>The floats of one row of packed outputs: N, padded to whole panels.</summary>
    public int PackedSize { get; }

    /// <summary>Packs weights.</summary>
    /// <param name="precision">How they are kept.</param>
    /// <param name="rows">N, the number of outputs: the rows of each gate one after the other.</param>
    /// <param name="columns">K, the number of inputs.</param>
    /// <param name="values">N * K weights, row by row.</param>
    /// <param name="gates">G; 1 keeps the order of the outputs.</param>
    public static PackedMatrix Of(Precision precision, int rows, int columns, ReadOnlySpan<float> values, int gates = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, (long)rows * columns);
        return precision switch
        {
            Precision.Bf16 => new FloatMatrix<Bfloat16Weights>(rows, columns, values, gates),
            Precision.Int8 => new Int8Matrix(rows, columns, values, gates),
            _ => new FloatMatrix<Float32Weights>(rows, columns, values, gates),
        };
    }

    /// <summary>Puts a vector of N into the packed order; padding is 0.</summary>
    public float[] Pack(ReadOnlySpan<float> values)
    {
        var packed = new float[PackedSize];
        for (var output = 0; output < PackedSize && !values.IsEmpty; output++)
        {
            packed[output] = RowOf(output) is { } row ? values[row] : 0;
        }

        return packed;
    }

    /// <summary>
    /// z += x W^T. The bits of a row don't depend on the batch, on the width of the machine's vectors, or on the other rows.
    /// </summary>
    /// <param name="batch">B, the number of rows.</param>
    /// <param name="x">[B, K].</param>
    /// <param name="z">[B, <see cref="PackedSize"/>], in the packed order.</param>
    public unsafe void MultiplyAdd(int batch, ReadOnlySpan<float> x, Span<float> z)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(x.Length, batch * Columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(z.Length, batch * PackedSize);
        fixed (float* inputs = x, outputs = z)
        {
            MultiplyAdd(batch, inputs, outputs);
        }
    }

    /// <summary>
    /// dx += W^T dz: how a gradient goes back through the product. What it reads is computed when it is first needed, by products with
    /// unit vectors, and kept while there is memory for it.
    /// </summary>
    /// <param name="dz">[<see cref="PackedSize"/>], in the packed order.</param>
    /// <param name="dx">[K].</param>
    public void MultiplyTransposedAdd(ReadOnlySpan<float> dz, Span<float> dx)
    {
        var columns = ColumnsOfWeights();
        for (var column = 0; column < Columns; column++)
        {
            dx[column] += TensorPrimitives.Dot(columns.AsSpan(column * PackedSize, PackedSize), dz);
        }
    }

    private protected abstract unsafe void MultiplyAdd(int batch, float* x, float* z);

    float[] ColumnsOfWeights()
    {
        if (!_columns.TryGetTarget(out var columns))
        {
            columns = new float[Columns * PackedSize];
            var unit = new float[Columns];
            for (var column = 0; column < Columns; column++)
            {
                unit[column] = 1;
                MultiplyAdd(1, unit, columns.AsSpan(column * PackedSize, PackedSize));
                unit[column] = 0;
            }

            _columns.SetTarget(columns);
        }

        return columns;
    }

    /// <summary>The row of W that lies at a place of the packed order; null for padding.</summary>
    private protected int? RowOf(int output)
    {
        var (block, rest) = Math.DivRem(output, Gates * Lanes);
        var (gate, lane) = Math.DivRem(rest, Lanes);
        var unit = block * Lanes + lane;
        return unit < Units ? gate * Units + unit : null;
    }

    private protected static int RoundUp(int value, int multiple) => checked((value + multiple - 1) / multiple * multiple);

    /// <summary>Memory that stays where it is and begins at a cache line, so that no load of a panel touches two lines.</summary>
    private protected static unsafe byte[] Allocate(int size, out int start)
    {
        var memory = GC.AllocateArray<byte>(checked(size + CacheLine), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref memory[0]);
        start = (int)((CacheLine - address % CacheLine) % CacheLine);
        return memory;
    }
}
