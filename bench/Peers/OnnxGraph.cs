using System.Runtime.InteropServices;
using System.Text;

namespace Rnn.Bench.Peers;

/// <summary>An ONNX model being written: as much of its protobuf as the comparison needs.</summary>
sealed class OnnxGraph
{
    const int Float = 1, Int8 = 3, Int64 = 7;

    readonly List<byte> _graph = [.. Message((2, Text("graph")))];

    public string Input(string name, int[] shape) => Add(name, 11, Value(name, Float, shape));

    public string Tokens(string name, int[] shape) => Add(name, 11, Value(name, Int64, shape));

    public string Output(string name, int[] shape) => Add(name, 12, Value(name, Float, shape));

    public string Tensor(string name, int[] shape, float[] values) =>
        Add(name, 5, Tensor(name, Float, shape, MemoryMarshal.AsBytes<float>(values).ToArray()));

    public string Tensor(string name, int[] shape, sbyte[] values) =>
        Add(name, 5, Tensor(name, Int8, shape, MemoryMarshal.AsBytes<sbyte>(values).ToArray()));

    public string Tensor(string name, int[] shape, long[] values) =>
        Add(name, 5, Tensor(name, Int64, shape, MemoryMarshal.AsBytes<long>(values).ToArray()));

    /// <param name="op">The operator.</param>
    /// <param name="inputs">Names; empty for one that is left out.</param>
    /// <param name="outputs">Names; empty for one that is left out.</param>
    /// <param name="attributes">Whole numbers.</param>
    /// <param name="domain">Whose operator it is.</param>
    public void Node(string op, string[] inputs, string[] outputs, (string Name, int Value)[]? attributes = null, string domain = "") =>
        _graph.AddRange(Message((1, Message(
        [
            .. inputs.Select(name => (1, (object)Text(name))),
            .. outputs.Select(name => (2, (object)Text(name))),
            (3, Text($"node{_graph.Count}")),
            (4, Text(op)),
            .. (attributes ?? []).Select(attribute => (5, (object)Message((1, Text(attribute.Name)), (3, attribute.Value), (20, 2)))),
            (7, Text(domain)),
        ]))));

    public byte[] ToModel() => Message(
        (1, 8),
        (7, _graph.ToArray()),
        (8, Message((1, Text("")), (2, 17))),
        (8, Message((1, Text("com.microsoft")), (2, 1))));

    string Add(string name, int field, byte[] content)
    {
        _graph.AddRange(Message((field, content)));
        return name;
    }

    static byte[] Tensor(string name, int type, int[] shape, byte[] values) => Message(
        [.. shape.Select(size => (1, (object)size)), (2, type), (8, Text(name)), (9, values)]);

    static byte[] Value(string name, int type, int[] shape) => Message(
        (1, Text(name)),
        (2, Message((1, Message((1, type), (2, Message([.. shape.Select(size => (1, (object)Message((1, size))))])))))));

    static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A protobuf message: whole numbers as varints, everything else by its length.</summary>
    static byte[] Message(params (int Field, object Value)[] fields)
    {
        var bytes = new List<byte>();
        foreach (var (field, value) in fields)
        {
            if (value is int number)
            {
                Varint(bytes, field << 3);
                Varint(bytes, number);
            }
            else
            {
                var content = (byte[])value;
                Varint(bytes, (field << 3) | 2);
                Varint(bytes, content.Length);
                bytes.AddRange(content);
            }
        }

        return [.. bytes];
    }

    static void Varint(List<byte> bytes, int value)
    {
        for (var rest = (uint)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                bytes.Add((byte)rest);
                return;
            }

            bytes.Add((byte)(rest | 0x80));
        }
    }
}
