using System.Runtime.Intrinsics;

namespace Rnn.Engine.Numerics;

/// <summary>
/// Floating-point weights. Each output is one chain of fused multiply-adds from input 0 to K - 1 on top of what was there.
/// </summary>
/// <typeparam name="TWeights">How they lie in memory.</typeparam>
sealed class FloatMatrix<TWeights> : PackedMatrix
    where TWeights : struct, IWeights
{
    // A matrix above this does not stay in the caches that prefetching into the nearest one pays for. Measured: docs/performance.md.
    const long LargestCached = 6 << 20;

    readonly byte[] _weights;
    readonly int _start;

    public FloatMatrix(int rows, int columns, ReadOnlySpan<float> values, int gates)
        : base(rows, columns, gates)
    {
        const int Group = 2 * Lanes;
        _weights = Allocate(checked(PackedSize * columns * TWeights.Size), out _start);
        Span<float> group = stackalloc float[Group];
        for (var first = 0; first < PackedSize; first += Group)
        {
            var panel = first / Panel * Panel;
            for (var k = 0; k < columns; k++)
            {
                for (var lane = 0; lane < Group; lane++)
                {
                    group[lane] = RowOf(first + lane) is { } row ? values[row * columns + k] : 0;
                }

                var place = panel * columns + k * Panel + first - panel;
                TWeights.Write(group, _weights.AsSpan(_start + place * TWeights.Size, Group * TWeights.Size));
            }
        }
    }

    private protected override unsafe void MultiplyAdd(int batch, float* x, float* z)
    {
        fixed (byte* weights = &_weights[_start])
        {
            if (Vector512.IsHardwareAccelerated)
            {
                MultiplyAdd<Lanes512>(weights, batch, x, z);
            }
            else
            {
                MultiplyAdd<Lanes256>(weights, batch, x, z);
            }
        }
    }

    unsafe void MultiplyAdd<T>(byte* weights, int batch, float* x, float* z)
        where T : struct, ILanes<T>
    {
        if (_weights.Length <= LargestCached)
        {
            ProductKernel.MultiplyAdd<T, TWeights, CachedPrefetch>(weights, Columns, PackedSize, batch, x, z);
        }
        else
        {
            ProductKernel.MultiplyAdd<T, TWeights, StreamedPrefetch>(weights, Columns, PackedSize, batch, x, z);
        }
    }
}
