using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rnn.Engine.Numerics;

/// <summary>
/// z += x W^T over the panels of a <see cref="FloatMatrix{TWeights}"/>. A single row is bound by reading the weights once;
/// several rows are bound by multiply-adds, so tiles of rows share each weight while it lies in a register.
/// </summary>
static unsafe class ProductKernel
{
    const int Lanes = PackedMatrix.Lanes;
    const int Panel = PackedMatrix.Panel;
    const int CacheLine = PackedMatrix.CacheLine;

    public static void MultiplyAdd<T, TWeights, TPrefetch>(byte* weights, int columns, int packedSize, int batch, float* x, float* z)
        where T : struct, ILanes<T>
        where TWeights : struct, IWeights
        where TPrefetch : struct, IPrefetch
    {
        for (var panel = 0; panel < packedSize; panel += Panel)
        {
            var w = weights + (long)panel * columns * TWeights.Size;
            var next = w + (long)Panel * columns * TWeights.Size;
            for (int row = 0, rows; row < batch; row += rows)
            {
                rows = TileRows(batch - row);
                var inputs = x + (long)row * columns;
                var outputs = z + (long)row * packedSize + panel;
                switch (rows)
                {
                    case 6:
                        Rows6<T, TWeights, TPrefetch>(w, next, columns, inputs, outputs, packedSize);
                        break;
                    case 4:
                        Rows4<T, TWeights, TPrefetch>(w, next, columns, inputs, outputs, packedSize);
                        break;
                    case 2:
                        Rows2<T, TWeights, TPrefetch>(w, columns, inputs, outputs, packedSize);
                        break;
                    default:
                        Row1<T, TWeights, TPrefetch>(w, columns, inputs, outputs);
                        break;
                }

                next += (long)columns * CacheLine;
            }
        }
    }

    /// <summary>
    /// How many of the rows that are left go into the next tile. Six fill the registers: 24 sums, 4 weights and 1 input of 32
    /// registers of 512 bits; without those, two do.
    /// </summary>
    static int TileRows(int left) => left switch
    {
        1 => 1,
        _ when !Vector512.IsHardwareAccelerated => 2,
        < 4 => 2,
        4 or 5 or 8 => 4,                                  // 8 = 4 + 4: a tile of two is far from the peak
        _ => 6,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Row1<T, TWeights, TPrefetch>(byte* w, int columns, float* x, float* z)
        where T : struct, ILanes<T>
        where TWeights : struct, IWeights
        where TPrefetch : struct, IPrefetch
    {
        int half = 2 * Lanes * TWeights.Size, whole = 2 * half;
        T a0 = T.Load(z), b0 = T.Load(z + Lanes), c0 = T.Load(z + 2 * Lanes), d0 = T.Load(z + 3 * Lanes);
        for (var k = 0; k < columns; k++, w += whole)
        {
            FetchAhead(w + TPrefetch.Ahead, whole);
            TWeights.Load(w, out T wa, out T wb);
            TWeights.Load(w + half, out T wc, out T wd);
            var input = T.Of(x[k]);
            a0 = T.FusedMultiplyAdd(input, wa, a0);
            b0 = T.FusedMultiplyAdd(input, wb, b0);
            c0 = T.FusedMultiplyAdd(input, wc, c0);
            d0 = T.FusedMultiplyAdd(input, wd, d0);
        }

        Store(z, a0, b0, c0, d0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Rows2<T, TWeights, TPrefetch>(byte* w, int columns, float* x, float* z, int stride)
        where T : struct, ILanes<T>
        where TWeights : struct, IWeights
        where TPrefetch : struct, IPrefetch
    {
        int half = 2 * Lanes * TWeights.Size, whole = 2 * half;
        float* x1 = x + columns;
        float* z1 = z + stride;
        T a0 = T.Load(z), b0 = T.Load(z + Lanes), c0 = T.Load(z + 2 * Lanes), d0 = T.Load(z + 3 * Lanes);
        T a1 = T.Load(z1), b1 = T.Load(z1 + Lanes), c1 = T.Load(z1 + 2 * Lanes), d1 = T.Load(z1 + 3 * Lanes);
        for (var k = 0; k < columns; k++, w += whole)
        {
            FetchAhead(w + TPrefetch.Ahead, whole);
            TWeights.Load(w, out T wa, out T wb);
            TWeights.Load(w + half, out T wc, out T wd);
            var input = T.Of(x[k]);
            a0 = T.FusedMultiplyAdd(input, wa, a0);
            b0 = T.FusedMultiplyAdd(input, wb, b0);
            c0 = T.FusedMultiplyAdd(input, wc, c0);
            d0 = T.FusedMultiplyAdd(input, wd, d0);
            input = T.Of(x1[k]);
            a1 = T.FusedMultiplyAdd(input, wa, a1);
            b1 = T.FusedMultiplyAdd(input, wb, b1);
            c1 = T.FusedMultiplyAdd(input, wc, c1);
            d1 = T.FusedMultiplyAdd(input, wd, d1);
        }

        Store(z, a0, b0, c0, d0);
        Store(z1, a1, b1, c1, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Rows4<T, TWeights, TPrefetch>(byte* w, byte* next, int columns, float* x, float* z, int stride)
        where T : struct, ILanes<T>
        where TWeights : struct, IWeights
        where TPrefetch : struct, IPrefetch
    {
        int half = 2 * Lanes * TWeights.Size, whole = 2 * half;
        float* x1 = x + columns, x2 = x1 + columns, x3 = x2 + columns;
        float* z1 = z + stride, z2 = z1 + stride, z3 = z2 + stride;
        T a0 = T.Load(z), b0 = T.Load(z + Lanes), c0 = T.Load(z + 2 * Lanes), d0 = T.Load(z + 3 * Lanes);
        T a1 = T.Load(z1), b1 = T.Load(z1 + Lanes), c1 = T.Load(z1 + 2 * Lanes), d1 = T.Load(z1 + 3 * Lanes);
        T a2 = T.Load(z2), b2 = T.Load(z2 + Lanes), c2 = T.Load(z2 + 2 * Lanes), d2 = T.Load(z2 + 3 * Lanes);
        T a3 = T.Load(z3), b3 = T.Load(z3 + Lanes), c3 = T.Load(z3 + 2 * Lanes), d3 = T.Load(z3 + 3 * Lanes);
        for (var k = 0; k < columns; k++, w += whole, next += CacheLine)
        {
            FetchNext<TPrefetch>(next);
            TWeights.Load(w, out T wa, out T wb);
            TWeights.Load(w + half, out T wc, out T wd);
            var input = T.Of(x[k]);
            a0 = T.FusedMultiplyAdd(input, wa, a0);
            b0 = T.FusedMultiplyAdd(input, wb, b0);
            c0 = T.FusedMultiplyAdd(input, wc, c0);
            d0 = T.FusedMultiplyAdd(input, wd, d0);
            input = T.Of(x1[k]);
            a1 = T.FusedMultiplyAdd(input, wa, a1);
            b1 = T.FusedMultiplyAdd(input, wb, b1);
            c1 = T.FusedMultiplyAdd(input, wc, c1);
            d1 = T.FusedMultiplyAdd(input, wd, d1);
            input = T.Of(x2[k]);
            a2 = T.FusedMultiplyAdd(input, wa, a2);
            b2 = T.FusedMultiplyAdd(input, wb, b2);
            c2 = T.FusedMultiplyAdd(input, wc, c2);
            d2 = T.FusedMultiplyAdd(input, wd, d2);
            input = T.Of(x3[k]);
            a3 = T.FusedMultiplyAdd(input, wa, a3);
            b3 = T.FusedMultiplyAdd(input, wb, b3);
            c3 = T.FusedMultiplyAdd(input, wc, c3);
            d3 = T.FusedMultiplyAdd(input, wd, d3);
        }

        Store(z, a0, b0, c0, d0);
        Store(z1, a1, b1, c1, d1);
        Store(z2, a2, b2, c2, d2);
        Store(z3, a3, b3, c3, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Rows6<T, TWeights, TPrefetch>(byte* w, byte* next, int columns, float* x, float* z, int stride)
        where T : struct, ILanes<T>
        where TWeights : struct, IWeights
        where TPrefetch : struct, IPrefetch
    {
        int half = 2 * Lanes * TWeights.Size, whole = 2 * half;
        float* x1 = x + columns, x2 = x1 + columns, x3 = x2 + columns, x4 = x3 + columns, x5 = x4 + columns;
        float* z1 = z + stride, z2 = z1 + stride, z3 = z2 + stride, z4 = z3 + stride, z5 = z4 + stride;
        T a0 = T.Load(z), b0 = T.Load(z + Lanes), c0 = T.Load(z + 2 * Lanes), d0 = T.Load(z + 3 * Lanes);
        T a1 = T.Load(z1), b1 = T.Load(z1 + Lanes), c1 = T.Load(z1 + 2 * Lanes), d1 = T.Load(z1 + 3 * Lanes);
        T a2 = T.Load(z2), b2 = T.Load(z2 + Lanes), c2 = T.Load(z2 + 2 * Lanes), d2 = T.Load(z2 + 3 * Lanes);
        T a3 = T.Load(z3), b3 = T.Load(z3 + Lanes), c3 = T.Load(z3 + 2 * Lanes), d3 = T.Load(z3 + 3 * Lanes);
        T a4 = T.Load(z4), b4 = T.Load(z4 + Lanes), c4 = T.Load(z4 + 2 * Lanes), d4 = T.Load(z4 + 3 * Lanes);
        T a5 = T.Load(z5), b5 = T.Load(z5 + Lanes), c5 = T.Load(z5 + 2 * Lanes), d5 = T.Load(z5 + 3 * Lanes);
        for (var k = 0; k < columns; k++, w += whole, next += CacheLine)
        {
            FetchNext<TPrefetch>(next);
            TWeights.Load(w, out T wa, out T wb);
            TWeights.Load(w + half, out T wc, out T wd);
            var input = T.Of(x[k]);
            a0 = T.FusedMultiplyAdd(input, wa, a0);
            b0 = T.FusedMultiplyAdd(input, wb, b0);
            c0 = T.FusedMultiplyAdd(input, wc, c0);
            d0 = T.FusedMultiplyAdd(input, wd, d0);
            input = T.Of(x1[k]);
            a1 = T.FusedMultiplyAdd(input, wa, a1);
            b1 = T.FusedMultiplyAdd(input, wb, b1);
            c1 = T.FusedMultiplyAdd(input, wc, c1);
            d1 = T.FusedMultiplyAdd(input, wd, d1);
            input = T.Of(x2[k]);
            a2 = T.FusedMultiplyAdd(input, wa, a2);
            b2 = T.FusedMultiplyAdd(input, wb, b2);
            c2 = T.FusedMultiplyAdd(input, wc, c2);
            d2 = T.FusedMultiplyAdd(input, wd, d2);
            input = T.Of(x3[k]);
            a3 = T.FusedMultiplyAdd(input, wa, a3);
            b3 = T.FusedMultiplyAdd(input, wb, b3);
            c3 = T.FusedMultiplyAdd(input, wc, c3);
            d3 = T.FusedMultiplyAdd(input, wd, d3);
            input = T.Of(x4[k]);
            a4 = T.FusedMultiplyAdd(input, wa, a4);
            b4 = T.FusedMultiplyAdd(input, wb, b4);
            c4 = T.FusedMultiplyAdd(input, wc, c4);
            d4 = T.FusedMultiplyAdd(input, wd, d4);
            input = T.Of(x5[k]);
            a5 = T.FusedMultiplyAdd(input, wa, a5);
            b5 = T.FusedMultiplyAdd(input, wb, b5);
            c5 = T.FusedMultiplyAdd(input, wc, c5);
            d5 = T.FusedMultiplyAdd(input, wd, d5);
        }

        Store(z, a0, b0, c0, d0);
        Store(z1, a1, b1, c1, d1);
        Store(z2, a2, b2, c2, d2);
        Store(z3, a3, b3, c3, d3);
        Store(z4, a4, b4, c4, d4);
        Store(z5, a5, b5, c5, d5);
    }

    /// <summary>Fetches the weights of one input: four cache lines, or two if they are half as long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FetchAhead(byte* w, int bytes)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(w);
            Sse.Prefetch0(w + CacheLine);
            if (bytes > 2 * CacheLine)
            {
                Sse.Prefetch0(w + 2 * CacheLine);
                Sse.Prefetch0(w + 3 * CacheLine);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void FetchNext<TPrefetch>(byte* line)
        where TPrefetch : struct, IPrefetch
    {
        if (TPrefetch.FetchesNextPanel && Sse.IsSupported)
        {
            Sse.Prefetch1(line);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store<T>(float* z, T a, T b, T c, T d)
        where T : struct, ILanes<T>
    {
        a.Store(z);
        b.Store(z + Lanes);
        c.Store(z + 2 * Lanes);
        d.Store(z + 3 * Lanes);
    }
}
