using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Numerics;

/// <summary>float32, one after the other.</summary>
readonly struct Float32Weights : IWeights
{
    public static int Size => sizeof(float);

    public static void Write(ReadOnlySpan<float> values, Span<byte> memory) => MemoryMarshal.AsBytes(values).CopyTo(memory);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Load<T>(byte* memory, out T low, out T high)
        where T : struct, ILanes<T>
    {
        low = T.Load((float*)memory);
        high = T.Load((float*)memory + PackedMatrix.Lanes);
    }
}
