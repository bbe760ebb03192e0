using System.Security.Cryptography;

namespace Rnn.Engine.Layers;

/// <summary>Signs states that clients hold, so that they can give them back but not forge them: HMAC-SHA256 with a key of the server.</summary>
public sealed class StateSeal
{
    /// <summary>Bytes of a signature.</summary>
    public const int Size = HMACSHA256.HashSizeInBytes;

    /// <summary>Fewest bytes of a key.</summary>
    public const int MinKeyBytes = 32;

    readonly byte[] _key;

    /// <param name="key">Secret and random; servers that take each other's states have the same.</param>
    public StateSeal(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, MinKeyBytes);
        _key = key;
    }

    /// <summary>The signature of some bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> bytes) => HMACSHA256.HashData(_key, bytes);

    /// <summary>Whether a signature is that of some bytes. Takes as long whether it is or not.</summary>
    public bool Verifies(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, bytes), signature);
}
