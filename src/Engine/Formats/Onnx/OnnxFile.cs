using Google.Protobuf;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>
/// Reads ONNX: a graph of RNN, LSTM and GRU nodes, and of what exporters put around them, becomes layers. The graph is followed
/// once from its inputs to its outputs, and what each value is - a constant, a size, a sequence and the layers that made it - is
/// told from what it was made of. Source: onnx.proto and the operator reference of onnx/onnx.
/// </summary>
public static class OnnxFile
{
    static readonly MessageParser<ModelProto> Parser = ModelProto.Parser.WithDiscardUnknownFields(true);

    /// <summary>
    /// Reads a model. It takes about four times the file; whatever the file says, no more than 20 times, and 128 MiB for its
    /// structure.
    /// </summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="EngineException">
    /// The file breaks a rule of the format, or an output depends on a node that is no layer here; the message names it.
    /// </exception>
    public static ModelFile Read(string file, ReadOnlyMemory<byte> bytes) => Read(file, bytes, constants: null);

    /// <summary>Whether a file begins as ONNX models do: its known fields in any order, up to the graph.</summary>
    public static bool LooksLikeOnnx(ReadOnlySpan<byte> bytes)
    {
        var fields = new WireReader(bytes);
        while (fields.TryNext(out var field))
        {
            switch (field.Number, field.Wire)
            {
                case (7, WireFormat.WireType.LengthDelimited):
                    return true;
                case (1 or 5, WireFormat.WireType.Varint):
                case (2 or 3 or 4 or 6 or 8 or 14, WireFormat.WireType.LengthDelimited):
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Reads a model some inputs of which are given.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="bytes">The whole file.</param>
    /// <param name="constants">Values of inputs of the graph that have none in the file, by name; they become weights.</param>
    internal static ModelFile Read(string file, ReadOnlyMemory<byte> bytes, IReadOnlyDictionary<string, Tensor>? constants)
    {
        MessageCount.Expect(file, bytes.Span);
        ModelProto model;
        try
        {
            model = Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw EngineException.Model($"{file}: is not the protobuf of an ONNX model: {exception.Message}");
        }

        if (model.Graph is null || model.Graph.Node.Count == 0)
        {
            throw EngineException.Model($"{file}: holds no ONNX graph.");
        }

        return new Interpreter(file, model, new Allowance(file, bytes.Length), constants ?? new Dictionary<string, Tensor>()).Read();
    }
}
