using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Sessions;

/// <summary>What makes a call unique, so that it is applied once however often it is sent.</summary>
/// <param name="Key">The client's key.</param>
/// <param name="Request">A hash of what is asked for: the same key must not stand for two requests.</param>
public sealed record IdempotencyKey(string Key, UInt128 Request)
{
    /// <summary>Most characters of a key.</summary>
    public const int MaxLength = 255;

    /// <summary>What is left of the key when its answer is not kept any more.</summary>
    internal ulong Hash => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(Key.AsSpan()));
}
