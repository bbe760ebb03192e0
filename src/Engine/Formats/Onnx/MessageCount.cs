using Google.Protobuf;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Counts the messages, names and integers of a model before they become objects: two bytes of a file can make a hundred in
/// memory, so a file of small parts is refused while it is still only bytes.
/// </summary>
ref struct MessageCount(string file)
{
    /// <summary>Nodes, attributes, names and the like. Graphs of recurrent networks have a few thousand.</summary>
    const int MaxParts = 100_000;

    /// <summary>Bytes of integers; each may take eight in memory. Shapes and positions are few.</summary>
    const int MaxIntegerBytes = 1 << 20;

    /// <summary>Bytes of weights that are kept as integers, as some writers do with float16; each may take four in memory.</summary>
    const int MaxBitsBytes = 64 << 20;

    int _parts;
    long _integerBytes;
    long _bitsBytes;

    /// <summary>Checks a model.</summary>
    /// <exception cref="EngineException">It is not protobuf, or has too many parts.</exception>
    public static void Expect(string file, ReadOnlySpan<byte> bytes)
    {
        var count = new MessageCount(file);
        count.Walk(bytes, Message.Model);
    }

    void Walk(ReadOnlySpan<byte> bytes, Message message)
    {
        var fields = new WireReader(bytes);
        while (fields.TryNext(out var field))
        {
            Count(message, field);
            if (field.Wire == WireFormat.WireType.LengthDelimited && Inside(message, field.Number) is { } inner)
            {
                Walk(field.Content, inner);
            }
        }

        if (fields.IsBroken)
        {
            throw EngineException.Model($"{file}: is not an ONNX model, or was cut: a {message.ToString().ToLowerInvariant()} in it ends in the middle of a field.");
        }
    }

    void Count(Message message, WireField field)
    {
        switch (message, field.Number)
        {
            case (Message.Tensor, 5):
                _bitsBytes += field.Length;
                break;
            case (Message.Tensor, 1 or 7) or (Message.Attribute, 7 or 8):
                _integerBytes += field.Length;
                break;
            default:
                _parts++;
                break;
        }

        if (_parts > MaxParts || _integerBytes > MaxIntegerBytes || _bitsBytes > MaxBitsBytes)
        {
            throw EngineException.Model(
                $"{file}: has more than {MaxParts} parts, {MaxIntegerBytes >> 20} MiB of integers or {MaxBitsBytes >> 20} MiB of weights as integers; a graph of recurrent layers has fewer.");
        }
    }

    static Message? Inside(Message message, int number) => (message, number) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 8) => Message.Opset,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 11 or 12) => Message.Value,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5) => Message.Tensor,
        (Message.Value, 2) => Message.Type,
        (Message.Type, 1) => Message.TensorType,
        (Message.TensorType, 2) => Message.Shape,
        (Message.Shape, 1) => Message.Dimension,
        _ => null,
    };

    enum Message
    {
        Model,
        Opset,
        Graph,
        Node,
        Attribute,
        Tensor,
        Value,
        Type,
        TensorType,
        Shape,
        Dimension,
    }
}
