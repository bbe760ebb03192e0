using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Rnn.Engine.Numerics;

/// <summary>What a product fetches ahead of its use. A type parameter; a prefetch beyond the weights does nothing.</summary>
interface IPrefetch
{
    /// <summary>One row reads the weights faster than they come: fetch those that it reads next.</summary>
    /// <param name="weights">A cache line of the weights of this input.</param>
    static abstract unsafe void Row(byte* weights);

    /// <summary>Tiles read a panel again and again from a near cache: fetch the next panel, a line with each input.</summary>
    static abstract unsafe void Tile(byte* nextPanel);
}

/// <summary>For weights that stay in a cache between two steps.</summary>
readonly struct CachedPrefetch : IPrefetch
{
    const int Ahead = 4096;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Row(byte* weights)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(weights + Ahead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Tile(byte* nextPanel)
    {
    }
}

/// <summary>For weights that come from afar at every step.</summary>
readonly struct StreamedPrefetch : IPrefetch
{
    const int Ahead = 16384;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Row(byte* weights)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(weights + Ahead);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Tile(byte* nextPanel)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(nextPanel);
        }
    }
}
