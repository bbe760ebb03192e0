namespace Rnn.Engine.Layers;

/// <summary>What an encoder leaves for a decoder to attend to.</summary>
/// <param name="MaxLength">The most timesteps of a source.</param>
/// <param name="Width">M, the width of the encoder's output at each.</param>
public sealed record MemoryShape(int MaxLength, int Width);
