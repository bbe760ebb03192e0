using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>
/// Counts the tensors and parameters of an inference before they become objects: an empty one is two bytes of a message and hundreds in
/// memory, so a message of small parts is refused while it is still only bytes.
/// </summary>
static class InferRequestSize
{
    const int MaxParts = 4_096;

    // As in the .proto: parameters are field 4 of the request, of an input and, as 2, of an output.
    const int Parameters = 4;
    const int Inputs = 5;
    const int Outputs = 6;

    /// <exception cref="RpcException">There are too many.</exception>
    public static void Check(ReadOnlySequence<byte> message)
    {
        var parts = 0;
        Count(message, isTensor: false, ref parts);
    }

    static void Count(ReadOnlySequence<byte> message, bool isTensor, ref int parts)
    {
        var reader = new SequenceReader<byte>(message);
        while (TryReadVarint(ref reader, out var tag) && TryReadField(ref reader, tag, out var content))
        {
            var number = WireFormat.GetTagFieldNumber((uint)tag);
            if (isTensor ? number is 2 or Parameters : number is Parameters or Inputs or Outputs)
            {
                parts++;
            }

            if (parts > MaxParts)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"The message has more than {MaxParts} inputs, outputs and parameters."));
            }

            if (!isTensor && number is Inputs or Outputs)
            {
                Count(content, isTensor: true, ref parts);
            }
        }
    }

    // Whatever is no field is left to the parser, which says so. Lengths are read as it reads them: their lowest 32 bits.
    static bool TryReadField(ref SequenceReader<byte> reader, ulong tag, out ReadOnlySequence<byte> content)
    {
        content = default;
        return WireFormat.GetTagWireType((uint)tag) switch
        {
            WireFormat.WireType.Varint => TryReadVarint(ref reader, out _),
            WireFormat.WireType.Fixed32 => reader.TryReadExact(sizeof(uint), out content),
            WireFormat.WireType.Fixed64 => reader.TryReadExact(sizeof(ulong), out content),
            WireFormat.WireType.LengthDelimited => TryReadVarint(ref reader, out var length) && (int)length >= 0 && reader.TryReadExact((int)length, out content),
            WireFormat.WireType.StartGroup => throw new RpcException(new Status(StatusCode.InvalidArgument, "The message has a group, which proto3 has not.")),
            _ => false,
        };
    }

    static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (!reader.TryRead(out var part))
            {
                return false;
            }

            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
