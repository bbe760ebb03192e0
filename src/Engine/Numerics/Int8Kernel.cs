using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rnn.Engine.Numerics;

/// <summary>
/// The product of an <see cref="Int8Matrix"/> over one panel. AVX-VNNI multiplies and adds four bytes to a 32-bit sum in one
/// instruction; .NET offers it on 256 bits, so eight outputs at a time. Elsewhere the same sums are made of plain vectors.
/// </summary>
static unsafe class Int8Kernel
{
    /// <summary>How many inputs one instruction takes.</summary>
    public const int Group = 4;

    /// <summary>What an input of 0 is quantised to: bytes without a sign, as the instruction wants them.</summary>
    public const int Zero = 128;

    const int Limit = 127;
    const int Lanes = 8;                       // 32-bit sums of 256 bits
    const int Bytes = Lanes * Group;
    const int PanelBytes = PackedMatrix.Panel * Group;
    const int TileRows = 3;                    // 12 sums, 3 inputs and a weight of the 16 registers that the instruction can name
    const int PrefetchAhead = 2048;
    const float Least = 1e-30f;                // below, 127 / max would overflow; such a row counts as 0

    /// <summary>The scale of a row, max |x| / 127; 0 if all of it is as good as 0.</summary>
    public static float ScaleOf(ReadOnlySpan<float> row)
    {
        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(row));
        return largest < Least ? 0 : largest / Limit;
    }

    /// <summary>q = round(x / t) + 128, and 128 for the padding.</summary>
    /// <returns>t.</returns>
    public static float Quantise(float* x, int columns, byte* q, int paddedColumns)
    {
        var scale = ScaleOf(new ReadOnlySpan<float>(x, columns));
        var inverse = scale > 0 ? 1 / scale : 0;
        var k = 0;
        for (; k + 4 * Lanes <= columns; k += 4 * Lanes)
        {
            var low = Vector256.Narrow(Quantise(x + k, inverse), Quantise(x + k + Lanes, inverse));
            var high = Vector256.Narrow(Quantise(x + k + 2 * Lanes, inverse), Quantise(x + k + 3 * Lanes, inverse));
            Vector256.Narrow(low.AsUInt16(), high.AsUInt16()).Store(q + k);
        }

        for (; k < columns; k++)
        {
            q[k] = (byte)((int)MathF.Round(x[k] * inverse) + Zero);
        }

        new Span<byte>(q + columns, paddedColumns - columns).Fill(Zero);
        return scale;
    }

    /// <summary>z += x W^T of one panel.</summary>
    /// <param name="w">The panel's weights.</param>
    /// <param name="channels">What belongs to its outputs.</param>
    /// <param name="columns">K, padded to whole groups.</param>
    /// <param name="batch">B.</param>
    /// <param name="q">Quantised inputs, [B, K].</param>
    /// <param name="scales">Their scales, [B].</param>
    /// <param name="z">The panel's outputs of the first row.</param>
    /// <param name="stride">From one row of outputs to the next.</param>
    public static void MultiplyAdd(byte* w, Channels channels, int columns, int batch, byte* q, float* scales, float* z, int stride)
    {
        var row = 0;
        for (; row + TileRows <= batch; row += TileRows)
        {
            for (var half = 0; half < 2; half++)
            {
                Rows3(w + half * PanelBytes / 2, channels.From(half * PackedMatrix.Panel / 2), columns,
                    q + (long)row * columns, scales + row, z + (long)row * stride + half * PackedMatrix.Panel / 2, stride);
            }
        }

        for (; row < batch; row++)
        {
            Row1(w, channels, columns, q + (long)row * columns, scales[row], z + (long)row * stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Row1(byte* w, Channels channels, int columns, byte* q, float scale, float* z)
    {
        Vector256<int> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (var k = 0; k < columns; k += Group, w += PanelBytes)
        {
            ProductKernel.FetchAhead(w + PrefetchAhead, PanelBytes);
            var input = Load(q + k);
            a = Dot(a, input, w);
            b = Dot(b, input, w + Bytes);
            c = Dot(c, input, w + 2 * Bytes);
            d = Dot(d, input, w + 3 * Bytes);
            e = Dot(e, input, w + 4 * Bytes);
            f = Dot(f, input, w + 5 * Bytes);
            g = Dot(g, input, w + 6 * Bytes);
            h = Dot(h, input, w + 7 * Bytes);
        }

        channels.Add(a, 0, scale, z);
        channels.Add(b, Lanes, scale, z);
        channels.Add(c, 2 * Lanes, scale, z);
        channels.Add(d, 3 * Lanes, scale, z);
        channels.Add(e, 4 * Lanes, scale, z);
        channels.Add(f, 5 * Lanes, scale, z);
        channels.Add(g, 6 * Lanes, scale, z);
        channels.Add(h, 7 * Lanes, scale, z);
    }

    /// <summary>Three rows of half a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Rows3(byte* w, Channels channels, int columns, byte* q, float* scales, float* z, int stride)
    {
        byte* q1 = q + columns, q2 = q1 + columns;
        Vector256<int> a0 = default, b0 = default, c0 = default, d0 = default;
        Vector256<int> a1 = default, b1 = default, c1 = default, d1 = default;
        Vector256<int> a2 = default, b2 = default, c2 = default, d2 = default;
        for (var k = 0; k < columns; k += Group, w += PanelBytes)
        {
            Vector256<byte> x0 = Load(q + k), x1 = Load(q1 + k), x2 = Load(q2 + k);
            a0 = Dot(a0, x0, w);
            a1 = Dot(a1, x1, w);
            a2 = Dot(a2, x2, w);
            b0 = Dot(b0, x0, w + Bytes);
            b1 = Dot(b1, x1, w + Bytes);
            b2 = Dot(b2, x2, w + Bytes);
            c0 = Dot(c0, x0, w + 2 * Bytes);
            c1 = Dot(c1, x1, w + 2 * Bytes);
            c2 = Dot(c2, x2, w + 2 * Bytes);
            d0 = Dot(d0, x0, w + 3 * Bytes);
            d1 = Dot(d1, x1, w + 3 * Bytes);
            d2 = Dot(d2, x2, w + 3 * Bytes);
        }

        channels.Add(a0, 0, scales[0], z);
        channels.Add(b0, Lanes, scales[0], z);
        channels.Add(c0, 2 * Lanes, scales[0], z);
        channels.Add(d0, 3 * Lanes, scales[0], z);
        channels.Add(a1, 0, scales[1], z + stride);
        channels.Add(b1, Lanes, scales[1], z + stride);
        channels.Add(c1, 2 * Lanes, scales[1], z + stride);
        channels.Add(d1, 3 * Lanes, scales[1], z + stride);
        channels.Add(a2, 0, scales[2], z + 2 * stride);
        channels.Add(b2, Lanes, scales[2], z + 2 * stride);
        channels.Add(c2, 2 * Lanes, scales[2], z + 2 * stride);
        channels.Add(d2, 3 * Lanes, scales[2], z + 2 * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> Load(byte* group) => Vector256.Create(*(int*)group).AsByte();

    /// <summary>sum_j += q_j0 w_j0 + q_j1 w_j1 + q_j2 w_j2 + q_j3 w_j3, for eight outputs j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Dot(Vector256<int> sum, Vector256<byte> q, byte* w)
    {
        if (AvxVnni.IsSupported)
        {
            return AvxVnni.MultiplyWideningAndAdd(sum, q, Vector256.Load((sbyte*)w));
        }

        return PlainDot(sum, q, Vector256.Load(w));
    }

    internal static Vector256<int> PlainDot(Vector256<int> sum, Vector256<byte> q, Vector256<byte> w)
    {
        var (inputs, weights) = (q.AsUInt32(), w.AsInt32());
        for (var place = 0; place < Group; place++)
        {
            var input = ((inputs << (24 - 8 * place)) >> 24).AsInt32();
            sum += input * ((weights << (24 - 8 * place)) >> 24);        // the shift back brings the sign along
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Quantise(float* x, float inverse) =>
        Vector256.ConvertToInt32Native(Vector256.Round(Vector256.Load(x) * inverse)) + Vector256.Create(Zero);

    /// <summary>What turns whole sums back into floats, for each output.</summary>
    public readonly struct Channels(float* scales, int* offsets)
    {
        public Channels From(int output) => new(scales + output, offsets + output);

        /// <summary>z += (sum - offset) * (s t) of eight outputs.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<int> sum, int output, float rowScale, float* z)
        {
            var difference = Vector256.ConvertToSingle(sum - Vector256.Load(offsets + output));
            var scale = Vector256.Load(scales + output) * rowScale;
            Vector256.FusedMultiplyAdd(difference, scale, Vector256.Load(z + output)).Store(z + output);
        }
    }
}
