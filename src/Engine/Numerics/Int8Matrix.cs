using System.Buffers;

namespace Rnn.Engine.Numerics;

/// <summary>
/// 8-bit weights with a scale for each output, and inputs quantised as they come with a scale for each row:
/// <code>
/// Q_nk = round(W_nk / s_n), s_n = max_k |W_nk| / 127        q_k = round(x_k / t) + 128, t = max_k |x_k| / 127
/// z_n += (sum_k Q_nk q_k - 128 sum_k Q_nk) * (s_n t)
/// </code>
/// The sums are whole numbers, so their order changes nothing.
/// </summary>
sealed class Int8Matrix : PackedMatrix
{
    readonly byte[] _weights;           // panels; in each the 4 weights of inputs 0 to 3 of output 0, of output 1, and so on
    readonly int _start;
    readonly int[] _offsets;            // 128 sum_k Q_nk
    readonly float[] _scales;           // s_n
    readonly int _paddedColumns;

    public Int8Matrix(int rows, int columns, ReadOnlySpan<float> values, int gates)
        : base(rows, columns, gates)
    {
        _paddedColumns = RoundUp(columns, Int8Kernel.Group);
        _weights = Allocate(checked(PackedSize * _paddedColumns), out _start);
        _offsets = new int[PackedSize];
        _scales = new float[PackedSize];
        for (var output = 0; output < PackedSize; output++)
        {
            if (RowOf(output) is { } row)
            {
                Quantise(output, values.Slice(row * columns, columns));
            }
        }
    }

    private protected override unsafe void MultiplyAdd(int batch, float* x, float* z)
    {
        var quantised = ArrayPool<byte>.Shared.Rent(batch * _paddedColumns);
        var scales = ArrayPool<float>.Shared.Rent(batch);
        fixed (byte* weights = &_weights[_start], q = quantised)
        fixed (float* outputScales = _scales, rowScales = scales)
        fixed (int* offsets = _offsets)
        {
            for (var row = 0; row < batch; row++)
            {
                rowScales[row] = Int8Kernel.Quantise(x + (long)row * Columns, Columns, q + (long)row * _paddedColumns, _paddedColumns);
            }

            for (var panel = 0; panel < PackedSize; panel += Panel)
            {
                var channels = new Int8Kernel.Channels(outputScales + panel, offsets + panel);
                Int8Kernel.MultiplyAdd(
                    weights + (long)panel * _paddedColumns, channels, _paddedColumns, batch, q, rowScales, z + panel, PackedSize);
            }
        }

        ArrayPool<byte>.Shared.Return(quantised);
        ArrayPool<float>.Shared.Return(scales);
    }

    void Quantise(int output, ReadOnlySpan<float> row)
    {
        var scale = Int8Kernel.ScaleOf(row);
        var panel = output / Panel * Panel;
        for (var k = 0; k < row.Length && scale > 0; k++)
        {
            var weight = (int)MathF.Round(row[k] / scale);
            var place = panel * _paddedColumns + k / Int8Kernel.Group * Int8Kernel.Group * Panel
                + (output - panel) * Int8Kernel.Group + k % Int8Kernel.Group;
            _weights[_start + place] = (byte)(sbyte)weight;
            _offsets[output] += Int8Kernel.Zero * weight;
        }

        _scales[output] = scale;
    }
}
