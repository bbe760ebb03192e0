using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Numerics;

/// <summary>
/// bfloat16 in pairs: output j in the lower half of 32 bits, output j + 16 in the upper, so that a shift and a mask widen
/// them without moving a lane.
/// </summary>
readonly struct Bfloat16Weights : IWeights
{
    public static int Size => sizeof(ushort);

    public static void Write(ReadOnlySpan<float> values, Span<byte> memory)
    {
        var pairs = MemoryMarshal.Cast<byte, uint>(memory);
        for (var lane = 0; lane < PackedMatrix.Lanes; lane++)
        {
            pairs[lane] = Round(values[lane]) | ((uint)Round(values[lane + PackedMatrix.Lanes]) << 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Load<T>(byte* memory, out T low, out T high)
        where T : struct, ILanes<T> => T.Load((uint*)memory, out low, out high);

    /// <summary>The upper half of a finite float32, rounded to the nearest, ties to even.</summary>
    static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
