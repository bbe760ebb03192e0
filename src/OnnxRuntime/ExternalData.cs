using Rnn.Engine;

namespace Rnn.OnnxRuntime;

/// <summary>
/// Refuses graphs whose tensors lie in other files: a path in an untrusted file must never be followed. Where a tensor lies outside,
/// its entry has the key <c>location</c>, a protobuf string in field 1; subgraphs hold tensors too, so the bytes are searched.
/// </summary>
static class ExternalData
{
    /// <exception cref="EngineException">A tensor lies in another file.</exception>
    public static void Refuse(string file, ReadOnlySpan<byte> bytes)
    {
        var key = "location"u8;
        for (var rest = bytes; rest.IndexOf(key) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            if (IsField(rest[..at]))
            {
                throw EngineException.Model($"{file}: some of its tensors lie in another file, which is never opened. Save the model in one file.");
            }
        }
    }

    /// <summary>Whether the bytes end in the tag of field 1 and the length 8, which may be written in more bytes than it needs.</summary>
    static bool IsField(ReadOnlySpan<byte> before)
    {
        if (before.EndsWith((ReadOnlySpan<byte>)[0x0a, 0x08]))
        {
            return true;
        }

        if (!before.EndsWith((ReadOnlySpan<byte>)[0x00]))
        {
            return false;
        }

        return before[..^1].TrimEnd((byte)0x80).EndsWith((ReadOnlySpan<byte>)[0x0a, 0x88]);
    }
}
