using System.Runtime.InteropServices;
using System.Text;

namespace Rnn.Bench.Peers;

/// <summary>Writes an ONNX model of one LSTM layer with the weights of ours, so that both compute the same numbers.</summary>
static class OnnxLstm
{
    const int Float = 1;

    /// <param name="wIh">[4H, I], gates i, f, g, o.</param>
    /// <param name="wHh">[4H, H], likewise.</param>
    /// <param name="bias">[4H].</param>
    /// <param name="inputs">I.</param>
    /// <param name="hidden">H.</param>
    /// <param name="batch">B.</param>
    /// <param name="timesteps">T; above 1 the output of every timestep is asked for, as a sequence needs it.</param>
    public static byte[] Write(float[] wIh, float[] wHh, float[] bias, int inputs, int hidden, int batch, int timesteps)
    {
        int[] state = [1, batch, hidden];
        var both = Iofc(bias, 1, hidden).Concat(new float[4 * hidden]).ToArray();
        var graph = Message(
            (1, Message(
                (1, Text("x")), (1, Text("W")), (1, Text("R")), (1, Text("B")), (1, Text("")), (1, Text("h")), (1, Text("c")),
                (2, Text(timesteps > 1 ? "y" : "")), (2, Text("h_out")), (2, Text("c_out")),
                (4, Text("LSTM")),
                (5, Message((1, Text("hidden_size")), (3, hidden), (20, 2))))),
            (2, Text("lstm")),
            (5, Tensor("W", [1, 4 * hidden, inputs], Iofc(wIh, inputs, hidden))),
            (5, Tensor("R", [1, 4 * hidden, hidden], Iofc(wHh, hidden, hidden))),
            (5, Tensor("B", [1, 8 * hidden], both)),
            (11, Value("x", [timesteps, batch, inputs])), (11, Value("h", state)), (11, Value("c", state)),
            (12, Value("h_out", state)), (12, Value("c_out", state)));
        if (timesteps > 1)
        {
            graph = [.. graph, .. Message((12, Value("y", [timesteps, 1, batch, hidden])))];
        }

        return Message((1, 8), (7, graph), (8, Message((1, Text("")), (2, 17))));
    }

    /// <summary>ONNX's order of the gates: i, o, f, c.</summary>
    static float[] Iofc(float[] gates, int columns, int hidden)
    {
        var block = hidden * columns;
        return [.. new[] { 0, 3, 1, 2 }.SelectMany(gate => gates.AsSpan(gate * block, block).ToArray())];
    }

    static byte[] Tensor(string name, int[] shape, float[] values) => Message(
    [
        .. shape.Select(size => (1, (object)size)), (2, Float), (8, Text(name)), (9, MemoryMarshal.AsBytes<float>(values).ToArray()),
    ]);

    static byte[] Value(string name, int[] shape) => Message(
        (1, Text(name)),
        (2, Message((1, Message((1, Float), (2, Message([.. shape.Select(size => (1, (object)Message((1, size))))])))))));

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
