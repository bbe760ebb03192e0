using System.Buffers.Binary;
using System.IO.Hashing;

namespace Rnn.Engine.Layers;

/// <summary>
/// The portable bytes of a state, all little-endian:
/// <code>
/// 0   4 bytes   magic "RNNS"
/// 4   uint16    format version: 1, or 2 if it is signed
/// 6   uint16    number of parts P
/// 8   16 bytes  fingerprint of the model
/// 24  int64     step
/// 32  P uint32  size of each part
/// ..  float32   the parts, one after the other
/// ..  uint64    XxHash3 of everything before it
/// ..  32 bytes  HMAC-SHA256 of everything before it, in version 2
/// </code>
/// </summary>
public static class StateCodec
{
    const int HeaderBytes = 32;
    const int ChecksumBytes = 8;
    const ushort Plain = 1;
    const ushort Signed = 2;

    static ReadOnlySpan<byte> Magic => "RNNS"u8;

    /// <summary>The number of bytes that a state of <paramref name="layout"/> takes.</summary>
    public static int Size(StateLayout layout) =>
        HeaderBytes + sizeof(uint) * layout.Parts.Count + sizeof(float) * layout.Size + ChecksumBytes;

    /// <summary>Writes <paramref name="state"/>.</summary>
    public static byte[] Encode(RecurrentState state)
    {
        var bytes = new byte[Size(state.Layout)];
        Write(bytes, state, Plain);
        return bytes;
    }

    /// <summary>Writes <paramref name="state"/> and signs it.</summary>
    public static byte[] Encode(RecurrentState state, StateSeal seal)
    {
        var size = Size(state.Layout);
        var bytes = new byte[size + StateSeal.Size];
        Write(bytes.AsSpan(0, size), state, Signed);
        seal.Sign(bytes.AsSpan(0, size)).CopyTo(bytes, size);
        return bytes;
    }

    /// <summary>Reads a state of <paramref name="layout"/> that must have been signed.</summary>
    /// <exception cref="EngineException">The bytes are not signed, or not with that key; or they are damaged, or the state of another model.</exception>
    public static RecurrentState Decode(StateLayout layout, ReadOnlySpan<byte> bytes, StateSeal seal) =>
        bytes.Length > StateSeal.Size && seal.Verifies(bytes[..^StateSeal.Size], bytes[^StateSeal.Size..])
            ? Decode(layout, bytes)
            : throw Refused("The state is not signed by this server; it takes only states that it gave.");

    static void Write(Span<byte> bytes, RecurrentState state, ushort version)
    {
        var layout = state.Layout;
        WriteHeader(bytes, state, version);

        var floats = bytes[ValuesOffset(layout)..^ChecksumBytes];
        for (var i = 0; i < layout.Size; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(floats[(i * sizeof(float))..], state.Values[i]);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes[^ChecksumBytes..], XxHash3.HashToUInt64(bytes[..^ChecksumBytes]));
    }

    /// <summary>Reads a state of <paramref name="layout"/>; a signature is not asked for.</summary>
    /// <exception cref="EngineException">The bytes are damaged, or are the state of another model.</exception>
    public static RecurrentState Decode(StateLayout layout, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes + ChecksumBytes || !bytes[..4].SequenceEqual(Magic))
        {
            throw Refused("These bytes are not a recurrent state: they must begin with 'RNNS'.");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        if (version is not (Plain or Signed))
        {
            throw Refused($"The state has format version {version}; versions {Plain} and {Signed} are read.");
        }

        bytes = version == Signed ? bytes[..^Math.Min(StateSeal.Size, bytes.Length)] : bytes;
        if (bytes.Length < HeaderBytes + ChecksumBytes)
        {
            throw Refused("The state ends before its values.");
        }

        if (XxHash3.HashToUInt64(bytes[..^ChecksumBytes]) != BinaryPrimitives.ReadUInt64LittleEndian(bytes[^ChecksumBytes..]))
        {
            throw Refused("The state is damaged: its checksum does not match its bytes.");
        }

        var fingerprint = Convert.ToHexStringLower(bytes.Slice(8, 16));
        if (fingerprint != layout.Fingerprint)
        {
            throw Refused($"The state belongs to a model with fingerprint {fingerprint}; this model has {layout.Fingerprint}.");
        }

        var step = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]);
        if (bytes.Length != Size(layout) || step is < 0 or > RecurrentState.MaxStep || !SameParts(layout, bytes))
        {
            throw Refused("The state's layout is not this model's.");
        }

        var values = new float[layout.Size];
        var floats = bytes[ValuesOffset(layout)..^ChecksumBytes];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(floats[(i * sizeof(float))..]);
        }

        return RecurrentState.Of(layout, step, values);
    }

    static void WriteHeader(Span<byte> bytes, RecurrentState state, ushort version)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], (ushort)state.Layout.Parts.Count);
        Convert.FromHexString(state.Layout.Fingerprint).CopyTo(bytes[8..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], state.Step);
        for (var i = 0; i < state.Layout.Parts.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(HeaderBytes + sizeof(uint) * i)..], (uint)state.Layout.Parts[i].Size);
        }
    }

    static bool SameParts(StateLayout layout, ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) != layout.Parts.Count)
        {
            return false;
        }

        for (var i = 0; i < layout.Parts.Count; i++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeaderBytes + sizeof(uint) * i)..]) != (uint)layout.Parts[i].Size)
            {
                return false;
            }
        }

        return true;
    }

    static int ValuesOffset(StateLayout layout) => HeaderBytes + sizeof(uint) * layout.Parts.Count;

    static EngineException Refused(string message) => new(ErrorKind.StateRefused, message);
}
