namespace Rnn.Engine.Numerics;

/// <summary>How floating-point weights lie in memory, 32 outputs at a time. A type parameter of the product.</summary>
interface IWeights
{
    /// <summary>The bytes of one weight.</summary>
    static abstract int Size { get; }

    /// <summary>Writes the weights of 32 outputs for one input.</summary>
    static abstract void Write(ReadOnlySpan<float> values, Span<byte> memory);

    /// <summary>Reads them: the first 16 and the others.</summary>
    static abstract unsafe void Load<T>(byte* memory, out T low, out T high)
        where T : struct, ILanes<T>;
}
