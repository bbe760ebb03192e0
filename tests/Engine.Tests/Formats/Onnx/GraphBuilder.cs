using System.Runtime.InteropServices;
using Google.Protobuf;
using Rnn.Engine.Formats.Onnx;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>Makes small ONNX models.</summary>
sealed class GraphBuilder
{
    const int Float = 1;

    readonly GraphProto _graph = new();

    public GraphBuilder(string input, params ReadOnlySpan<int> shape) => Input(input, shape);

    public GraphProto Graph => _graph;

    public void Input(string name, params ReadOnlySpan<int> shape)
    {
        var dims = new TensorShapeProto();
        foreach (var size in shape)
        {
            dims.Dim.Add(new DimensionProto { DimValue = size });
        }

        _graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TensorTypeProto { Shape = dims } } });
    }

    public void Output(string name) => _graph.Output.Add(new ValueInfoProto { Name = name });

    public void Weight(string name, Numbers numbers) => Weight(name, numbers.Shape, [.. numbers.Data.Select(value => (float)value)]);

    public TensorProto Weight(string name, int[] shape, float[]? values = null)
    {
        values ??= [.. Enumerable.Range(0, shape.Aggregate(1, (product, size) => product * size)).Select(i => MathF.Sin(i + name.Length))];
        var tensor = new TensorProto
        {
            Name = name,
            DataType = Float,
            Dims = { shape.Select(size => (long)size) },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
        _graph.Initializer.Add(tensor);
        return tensor;
    }

    public void Integers(string name, params long[] values) =>
        _graph.Initializer.Add(new TensorProto { Name = name, DataType = 7, Dims = { values.Length }, Int64Data = { values } });

    public NodeProto Node(string type, string[] inputs, string[] outputs)
    {
        var node = new NodeProto { OpType = type, Name = $"{type.ToLowerInvariant()}{_graph.Node.Count}", Input = { inputs }, Output = { outputs } };
        _graph.Node.Add(node);
        return node;
    }

    public byte[] Bytes() =>
        new ModelProto { IrVersion = 8, Graph = _graph, OpsetImport = { new OperatorSetIdProto { Version = 14 } } }.ToByteArray();

    /// <summary>An LSTM of 3 features and 2 hidden numbers that reads x [T, B, 3] and gives y [T, B, 2], with its initializers.</summary>
    public static GraphBuilder Lstm()
    {
        var graph = new GraphBuilder("x", 0, 0, 3);
        graph.Weight("W", [1, 8, 3]);
        graph.Weight("R", [1, 8, 2]);
        graph.Weight("B", [1, 16]);
        graph.Integers("one", 1);
        graph.Node("LSTM", ["x", "W", "R", "B"], ["all", "h", "c"]);
        graph.Node("Squeeze", ["all", "one"], ["y"]);
        return graph;
    }
}
