using Google.Protobuf;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Walks over the fields of one protobuf message without allocating. Source: the encoding page of Protocol Buffers.</summary>
ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether a field was malformed, which ends the walk.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The next field, or false at the end or where the bytes make none.</summary>
    public bool TryNext(out WireField field)
    {
        field = default;
        if (_rest.IsEmpty)
        {
            return false;
        }

        if (!TryVarint(out var tag) || tag >> 3 is 0 or > int.MaxValue)
        {
            return Break();
        }

        var wire = (WireFormat.WireType)(tag & 7);
        ulong length;
        switch (wire)
        {
            case WireFormat.WireType.Varint:
                var before = _rest.Length;
                if (!TryVarint(out _))
                {
                    return Break();
                }

                field = new WireField((int)(tag >> 3), wire, default, before - _rest.Length);
                return true;
            case WireFormat.WireType.Fixed64:
                length = sizeof(ulong);
                break;
            case WireFormat.WireType.Fixed32:
                length = sizeof(uint);
                break;
            case WireFormat.WireType.LengthDelimited when TryVarint(out length):
                break;
            default:
                return Break();
        }

        if (length > (ulong)_rest.Length)
        {
            return Break();
        }

        field = new WireField((int)(tag >> 3), wire, _rest[..(int)length], (int)length);
        _rest = _rest[(int)length..];
        return true;
    }

    bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(_rest.Length, 10); i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    bool Break()
    {
        IsBroken = true;
        _rest = [];
        return false;
    }
}

/// <summary>One field of a message.</summary>
/// <param name="number">Its number in the schema.</param>
/// <param name="wire">How it is written.</param>
/// <param name="content">Its bytes, unless it is a varint.</param>
/// <param name="length">How many bytes its value takes.</param>
readonly ref struct WireField(int number, WireFormat.WireType wire, ReadOnlySpan<byte> content, int length)
{
    public int Number => number;

    public WireFormat.WireType Wire => wire;

    public ReadOnlySpan<byte> Content { get; } = content;

    public int Length => length;
}
