using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Rnn.Api.OpenInference.Grpc.Wire;
using Rnn.Engine;
using InputMessage = Rnn.Api.OpenInference.Grpc.Wire.ModelInferRequest.Types.InferInputTensor;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>
/// The inputs of a message as tensors: either all of them raw, one entry each, or each in the one typed field of its datatype, where
/// integers of 8 and 16 bits are in that of 32.
/// </summary>
static class TensorMessages
{
    delegate void Write<T>(Span<byte> place, T element);

    /// <exception cref="EngineException">They are not what the message says that they are.</exception>
    public static IReadOnlyList<Tensor> Read(ModelInferRequest request)
    {
        var raw = request.RawInputContents;
        return raw.Count == 0 || raw.Count == request.Inputs.Count
            ? [.. request.Inputs.Select((input, index) => Read(input, raw.Count > 0 ? raw[index] : null))]
            : throw EngineException.Input(
                "/raw_input_contents", $"raw_input_contents has {raw.Count} entries for {request.Inputs.Count} inputs; it must have one for each, in their order.");
    }

    static Tensor Read(InputMessage input, ByteString? raw)
    {
        var datatype = Datatype.Find(input.Datatype) ?? throw Refused(input, $"has the datatype '{input.Datatype}', which is none");
        return (raw, input.Contents) switch
        {
            (not null, null) => Tensor.OfRaw(input.Name, datatype, input.Shape, raw.Memory),
            (null, not null) => ReadTyped(input, datatype),
            (null, null) => throw Refused(input, "has no data, neither contents nor raw_input_contents"),
            _ => throw Refused(input, "has contents, which must not be specified when using raw_input_contents"),
        };
    }

    static Tensor ReadTyped(InputMessage input, Datatype datatype)
    {
        var contents = input.Contents;
        return datatype.Name switch
        {
            "BOOL" => Numbers(input, datatype, contents.BoolContents, (place, element) => place[0] = element ? (byte)1 : (byte)0),
            "INT8" => Numbers(input, datatype, contents.IntContents, (place, element) => place[0] = (byte)checked((sbyte)element)),
            "INT16" => Numbers(input, datatype, contents.IntContents, (place, element) => BinaryPrimitives.WriteInt16LittleEndian(place, checked((short)element))),
            "INT32" => Numbers(input, datatype, contents.IntContents, BinaryPrimitives.WriteInt32LittleEndian),
            "INT64" => Numbers(input, datatype, contents.Int64Contents, BinaryPrimitives.WriteInt64LittleEndian),
            "UINT8" => Numbers(input, datatype, contents.UintContents, (place, element) => place[0] = checked((byte)element)),
            "UINT16" => Numbers(input, datatype, contents.UintContents, (place, element) => BinaryPrimitives.WriteUInt16LittleEndian(place, checked((ushort)element))),
            "UINT32" => Numbers(input, datatype, contents.UintContents, BinaryPrimitives.WriteUInt32LittleEndian),
            "UINT64" => Numbers(input, datatype, contents.Uint64Contents, BinaryPrimitives.WriteUInt64LittleEndian),
            "FP32" => Numbers(input, datatype, contents.Fp32Contents, BinaryPrimitives.WriteSingleLittleEndian),
            "FP64" => Numbers(input, datatype, contents.Fp64Contents, BinaryPrimitives.WriteDoubleLittleEndian),
            "BYTES" => Tensor.Of(input.Name, input.Shape, [.. Alone(input, contents.BytesContents).Select(element => element.Memory)]),
            _ => throw Refused(input, $"is {datatype}, for which contents have no field; send it in raw_input_contents"),
        };
    }

    static Tensor Numbers<T>(InputMessage input, Datatype datatype, RepeatedField<T> elements, Write<T> write)
    {
        var bytes = new byte[Alone(input, elements).Count * datatype.Size];
        for (var i = 0; i < elements.Count; i++)
        {
            try
            {
                write(bytes.AsSpan(i * datatype.Size), elements[i]);
            }
            catch (OverflowException)
            {
                throw Refused(input, $"is {datatype}, which does not hold its element {i}, {elements[i]}");
            }
        }

        return Tensor.Of(input.Name, datatype, input.Shape, bytes);
    }

    /// <summary>The field, when there is nothing in the others.</summary>
    static RepeatedField<T> Alone<T>(InputMessage input, RepeatedField<T> field)
    {
        var contents = input.Contents;
        var count = contents.BoolContents.Count + contents.IntContents.Count + contents.Int64Contents.Count + contents.UintContents.Count
            + contents.Uint64Contents.Count + contents.Fp32Contents.Count + contents.Fp64Contents.Count + contents.BytesContents.Count;
        return count == field.Count ? field : throw Refused(input, $"is {input.Datatype}, and its contents are in the field of another datatype");
    }

    static EngineException Refused(InputMessage input, string found) => EngineException.Input($"/{input.Name}", $"input '{input.Name}' {found}.");
}
