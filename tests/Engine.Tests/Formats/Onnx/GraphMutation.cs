using Google.Protobuf;
using Rnn.Engine.Formats.Onnx;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>
/// Spoils what a model says and leaves its encoding whole: a byte that changes at random mostly breaks the encoding, and nothing
/// behind it is tested.
/// </summary>
static class GraphMutation
{
    const int MaxSpoilt = 5;

    static readonly long[] Interesting =
        [0, 1, -1, 2, -2, 3, 4, 5, 8, 100, 65536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    static readonly string[] Attributes =
        ["axis", "axes", "perm", "to", "direction", "layout", "hidden_size", "activations", "keepdims", "transA", "transB", "alpha", "clip", "value", "split", "starts", "ends"];

    public static byte[] Of(IReadOnlyList<byte[]> corpus, Random random)
    {
        var model = ModelProto.Parser.ParseFrom(corpus[random.Next(corpus.Count)]);
        for (var spoilt = random.Next(MaxSpoilt); spoilt >= 0; spoilt--)
        {
            Spoil(model, random);
        }

        return model.ToByteArray();
    }

    static void Spoil(ModelProto model, Random random)
    {
        var graph = model.Graph;
        if (graph.Node.Count == 0)
        {
            return;
        }

        var node = graph.Node[random.Next(graph.Node.Count)];
        switch (random.Next(12))
        {
            case 0:
                node.OpType = Operators.Names.ElementAt(random.Next(Operators.Names.Count));
                break;
            case 1 when node.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = Name(graph, random);
                break;
            case 2:
                node.Input.Add(Name(graph, random));
                break;
            case 3 when node.Input.Count > 0:
                node.Input.RemoveAt(random.Next(node.Input.Count));
                break;
            case 4:
                graph.Node.Remove(node);
                break;
            case 5:
                graph.Output[random.Next(graph.Output.Count)].Name = Name(graph, random);
                break;
            case 6 when node.Attribute.Count > 0:
                Spoil(node.Attribute[random.Next(node.Attribute.Count)], random);
                break;
            case 7:
                var attribute = new AttributeProto { Name = Attributes[random.Next(Attributes.Length)] };
                Spoil(attribute, random);
                node.Attribute.Insert(0, attribute);
                break;
            case 8 when graph.Initializer.Count > 0:
                Spoil(graph.Initializer[random.Next(graph.Initializer.Count)], random);
                break;
            case 9 when graph.Input[random.Next(graph.Input.Count)].Type?.TensorType?.Shape is { Dim.Count: > 0 } shape:
                shape.Dim[random.Next(shape.Dim.Count)].DimValue = Interesting[random.Next(Interesting.Length)];
                break;
            case 10:
                var other = graph.Node[random.Next(graph.Node.Count)].Clone();
                other.Output[0] = $"new{graph.Node.Count}";
                graph.Node.Insert(random.Next(graph.Node.Count + 1), other);
                break;
            default:
                model.OpsetImport[0].Version = random.Next(1, 24);
                break;
        }
    }

    static void Spoil(AttributeProto attribute, Random random)
    {
        var value = Interesting[random.Next(Interesting.Length)];
        switch (random.Next(5))
        {
            case 0:
                attribute.I = value;
                break;
            case 1:
                attribute.Ints.Add(value);
                break;
            case 2 when attribute.Ints.Count > 0:
                attribute.Ints[random.Next(attribute.Ints.Count)] = value;
                break;
            case 3:
                attribute.T ??= new TensorProto { DataType = 7, Int64Data = { value } };
                Spoil(attribute.T, random);
                break;
            default:
                attribute.F = random.Next(4) == 0 ? float.NaN : value;
                attribute.S = ByteString.CopyFromUtf8(random.Next(2) == 0 ? "bidirectional" : "reverse");
                break;
        }
    }

    static void Spoil(TensorProto tensor, Random random)
    {
        var value = Interesting[random.Next(Interesting.Length)];
        switch (random.Next(6))
        {
            case 0 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = value;
                break;
            case 1 when tensor.Dims.Count > 1:
                (tensor.Dims[0], tensor.Dims[^1]) = (tensor.Dims[^1], tensor.Dims[0]);
                break;
            case 2:
                tensor.Dims.Insert(random.Next(tensor.Dims.Count + 1), 1);
                break;
            case 3:
                tensor.DataType = random.Next(17);
                break;
            case 4 when tensor.RawData.Length == sizeof(long):
                tensor.RawData = ByteString.CopyFrom(BitConverter.GetBytes(value));
                break;
            default:
                tensor.Dims.Clear();
                tensor.Dims.Add(0);
                tensor.RawData = ByteString.Empty;
                break;
        }
    }

    static string Name(GraphProto graph, Random random) => random.Next(4) switch
    {
        0 => graph.Input[random.Next(graph.Input.Count)].Name,
        1 when graph.Initializer.Count > 0 => graph.Initializer[random.Next(graph.Initializer.Count)].Name,
        2 => "",
        _ => graph.Node[random.Next(graph.Node.Count)].Output.FirstOrDefault() ?? "",
    };
}
