using System.Runtime.InteropServices;
using Google.Protobuf;
using Rnn.Engine.Formats;
using Rnn.Engine.Formats.Onnx;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>What becomes of nodes, their attributes and what stands around them.</summary>
public sealed class OnnxGraphTests
{
    [Fact]
    public void Each_activation_takes_its_parameters_from_the_lists_in_order()
    {
        var graph = GraphBuilder.Lstm();
        graph.Output("y");
        var node = graph.Graph.Node[0];
        node.Attribute.Add(Texts("activations", "HARDSIGMOID", "leakyRelu", "ScaledTanh"));
        node.Attribute.Add(new AttributeProto { Name = "activation_alpha", Floats = { 0.3f, 0.1f, 2 } });
        node.Attribute.Add(new AttributeProto { Name = "activation_beta", Floats = { 0.4f } });
        node.Attribute.Add(new AttributeProto { Name = "clip", F = 3 });
        node.Attribute.Add(new AttributeProto { Name = "input_forget", I = 1 });

        var lstm = Assert.IsType<LstmManifest>(Assert.Single(Read(graph).Layers!));

        Assert.Equal(new Activation(ActivationKind.HardSigmoid, 0.3f, 0.4f), lstm.RecurrentActivation);
        Assert.Equal(new Activation(ActivationKind.LeakyRelu, 0.1f), lstm.Activation);
        Assert.Equal(new Activation(ActivationKind.ScaledTanh, 2, 1), lstm.OutputActivation);
        Assert.Equal(3, lstm.Clip);
        Assert.True(lstm.InputForget);
    }

    [Fact]
    public void Gates_are_put_in_the_order_of_PyTorch()
    {
        var graph = new GraphBuilder("x", 0, 0, 1);
        graph.Weight("W", [1, 4, 1], [1, 2, 3, 4]);
        graph.Weight("R", [1, 4, 1], [5, 6, 7, 8]);
        graph.Weight("B", [1, 8], [1, 2, 3, 4, 5, 6, 7, 8]);
        graph.Weight("P", [1, 3], [1, 2, 3]);
        graph.Node("LSTM", ["x", "W", "R", "B", "", "", "", "P"], ["y"]);
        graph.Output("y");

        var file = Read(graph);

        Assert.Equal([1, 3, 4, 2], Values(file, "lstm.weight_ih_l0"));
        Assert.Equal([5, 7, 8, 6], Values(file, "lstm.weight_hh_l0"));
        Assert.Equal([1, 3, 4, 2], Values(file, "lstm.bias_ih_l0"));
        Assert.Equal([5, 7, 8, 6], Values(file, "lstm.bias_hh_l0"));
        Assert.Equal([1, 3, 2], Values(file, "lstm.weight_ch_l0"));
    }

    [Fact]
    public void Directions_with_activations_of_their_own_are_branches()
    {
        var graph = new GraphBuilder("x", 0, 0, 3);
        graph.Weight("W", [2, 2, 3]);
        graph.Weight("R", [2, 2, 2]);
        var node = graph.Node("RNN", ["x", "W", "R"], ["y"]);
        node.Attribute.Add(new AttributeProto { Name = "direction", S = ByteString.CopyFromUtf8("bidirectional") });
        node.Attribute.Add(Texts("activations", "Tanh", "Relu"));
        graph.Output("y");

        var file = Read(graph);

        var branches = Assert.IsType<ParallelManifest>(Assert.Single(file.Layers!)).Branches;
        Assert.Equal((Direction.Forward, Activation.Tanh), Settings(branches[0]));
        Assert.Equal((Direction.Backward, Activation.Relu), Settings(branches[1]));
        Assert.Equal(4, Reading.Run(file, [[1, 2, 3], [4, 5, 6]])[0].Length);

        static (Direction, Activation) Settings(IReadOnlyList<LayerManifest> branch) =>
            Assert.Single(branch) is ElmanManifest elman ? (elman.Direction, elman.Activation) : default;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(16)]
    public void Weights_of_any_type_are_read_raw_or_typed(int type)
    {
        foreach (var isRaw in new[] { true, false })
        {
            var graph = GraphBuilder.Lstm();
            graph.Output("y");
            var tensor = graph.Graph.Initializer[0];
            tensor.DataType = type;
            tensor.RawData = ByteString.Empty;
            float[] values = [.. Enumerable.Range(0, 24).Select(i => i / 4f)];
            switch (type, isRaw)
            {
                case (1, true): tensor.RawData = Raw<float>(values); break;
                case (1, false): tensor.FloatData.Add(values); break;
                case (10, true): tensor.RawData = Raw<Half>([.. values.Select(value => (Half)value)]); break;
                case (10, false): tensor.Int32Data.Add(values.Select(value => (int)BitConverter.HalfToUInt16Bits((Half)value))); break;
                case (11, true): tensor.RawData = Raw<double>([.. values.Select(value => (double)value)]); break;
                case (11, false): tensor.DoubleData.Add(values.Select(value => (double)value)); break;
                case (_, true): tensor.RawData = Raw<ushort>([.. values.Select(Upper)]); break;
                default: tensor.Int32Data.Add(values.Select(value => (int)Upper(value))); break;
            }

            Assert.Equal([0, 0.25f, 0.5f], Values(Read(graph), "lstm.weight_ih_l0")[..3]);
        }

        static ushort Upper(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        static ByteString Raw<T>(T[] values) where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    [Fact]
    public void A_state_that_all_rows_begin_with_is_a_weight_and_others_are_refused()
    {
        var graph = GraphBuilder.Lstm();
        graph.Output("y");
        graph.Weight("h0", [1, 2, 2], [1, 2, 1, 2]);
        graph.Weight("c0", [1, 2, 2], [3, 4, 3, 5]);
        graph.Graph.Node[0].Input.Add(["", "h0"]);

        Assert.Equal([1, 2], Values(Read(graph), "lstm.h0_l0"));
        Assert.Equal([0, 0], Values(Read(graph), "lstm.c0_l0"));

        graph.Graph.Node[0].Input.Add("c0");
        Assert.Contains("each row of the batch", Refusal(graph), StringComparison.Ordinal);
    }

    [Fact]
    public void Turning_the_sequence_round_before_and_after_a_node_is_its_direction()
    {
        var graph = GraphBuilder.Lstm();
        graph.Integers("start", -1);
        graph.Integers("end", long.MinValue);
        graph.Integers("axis", 0);
        var slice = graph.Node("Slice", ["x", "start", "end", "axis", "start"], ["turned"]);
        graph.Graph.Node.Remove(slice);
        graph.Graph.Node.Insert(0, slice);
        graph.Graph.Node[1].Input[0] = "turned";
        graph.Node("Slice", ["y", "start", "end", "axis", "start"], ["z"]);
        graph.Output("z");

        Assert.Equal(Direction.Backward, Assert.IsType<LstmManifest>(Assert.Single(Read(graph).Layers!)).Direction);
    }

    [Fact]
    public void The_last_hidden_state_is_the_output_if_there_is_no_other()
    {
        var both = GraphBuilder.Lstm();
        both.Output("h");
        both.Output("c");
        var all = GraphBuilder.Lstm();
        all.Output("h");
        all.Output("y");

        Assert.True(((LstmManifest)Assert.Single(Read(both).Layers!)).ReturnsLast);
        Assert.False(((LstmManifest)Assert.Single(Read(all).Layers!)).ReturnsLast);
    }

    [Fact]
    public void A_product_a_bias_and_an_activation_are_one_dense_layer()
    {
        var graph = GraphBuilder.Lstm();
        graph.Weight("M", [2, 3], [1, 2, 3, 4, 5, 6]);
        graph.Weight("b", [3], [7, 8, 9]);
        graph.Node("MatMul", ["y", "M"], ["m"]);
        graph.Node("Add", ["b", "m"], ["a"]);
        graph.Node("Relu", ["a"], ["z"]);
        graph.Output("z");

        var file = Read(graph);

        Assert.Equal(Activation.Relu, Assert.IsType<DenseManifest>(file.Layers![1]).Activation);
        Assert.Equal([1, 4, 2, 5, 3, 6], Values(file, "dense.weight"));
        Assert.Equal([7, 8, 9], Values(file, "dense.bias"));
    }

    [Fact]
    public void A_general_product_scales_its_matrix_and_its_bias()
    {
        var graph = GraphBuilder.Lstm();
        graph.Weight("M", [3, 2], [1, 2, 3, 4, 5, 6]);
        graph.Weight("b", [1], [7]);
        graph.Node("Squeeze", ["h"], ["s"]);
        var node = graph.Node("Gemm", ["s", "M", "b"], ["z"]);
        node.Attribute.Add(new AttributeProto { Name = "transB", I = 1 });
        node.Attribute.Add(new AttributeProto { Name = "alpha", F = 2 });
        node.Attribute.Add(new AttributeProto { Name = "beta", F = 3 });
        graph.Output("z");

        var file = Read(graph);

        Assert.Equal([2, 4, 6, 8, 10, 12], Values(file, "dense.weight"));
        Assert.Equal([21, 21, 21], Values(file, "dense.bias"));
    }

    [Fact]
    public void Tokens_as_vectors_of_one_1_need_no_embedding()
    {
        var graph = new GraphBuilder("x", 0, 0);
        graph.Weight("W", [1, 2, 5]);
        graph.Weight("R", [1, 2, 2]);
        graph.Integers("depth", 5);
        graph.Weight("values", [2], [0, 1]);
        graph.Node("OneHot", ["x", "depth", "values"], ["v"]);
        graph.Node("RNN", ["v", "W", "R"], ["y"]);
        graph.Output("y");

        Assert.Equal(2, Reading.Run(Read(graph), [0, 4, 1], vocabularySize: 5)[2].Length);
    }

    [Theory]
    [InlineData("Loop", "no operator")]
    [InlineData("GlobalAveragePool", "no operator")]
    [InlineData("ReduceMean", "mean over timesteps")]
    [InlineData("Softmax", "another dimension than the features")]
    public void What_no_layer_does_is_refused_by_the_name_of_its_node(string type, string why)
    {
        var graph = GraphBuilder.Lstm();
        var node = graph.Node(type, ["y"], ["z"]);
        node.Attribute.Add(new AttributeProto { Name = "axes", Ints = { 0 } });
        node.Attribute.Add(new AttributeProto { Name = "axis", I = 0 });
        graph.Node("Tanh", ["z"], ["end"]);
        graph.Output("end");

        var message = Refusal(graph);

        Assert.Contains($"'{node.Name}' ({type})", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.Contains("\"runtime\": \"onnxruntime\"", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_output_needs_is_no_reason_to_refuse_a_model()
    {
        var graph = GraphBuilder.Lstm();
        graph.Node("Loop", ["y"], ["z"]);
        graph.Output("y");

        Assert.Single(Read(graph).Layers!);
    }

    [Fact]
    public void A_way_around_a_recurrent_node_is_refused()
    {
        var graph = GraphBuilder.Lstm();
        graph.Node("Concat", ["y", "x"], ["z"]).Attribute.Add(new AttributeProto { Name = "axis", I = 2 });
        graph.Output("z");

        Assert.Contains("(Concat)", Refusal(graph), StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_without_a_recurrent_node_is_refused()
    {
        var graph = new GraphBuilder("x", 0, 0, 3);
        graph.Node("Relu", ["x"], ["y"]);
        graph.Output("y");

        Assert.Contains("no RNN, GRU or LSTM", Refusal(graph), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("value_float")]
    [InlineData("value_floats")]
    [InlineData("value_int")]
    [InlineData("value_ints")]
    [InlineData("value")]
    public void A_constant_node_may_hold_its_numbers_in_any_attribute(string name)
    {
        var graph = GraphBuilder.Lstm();
        graph.Node("Constant", [], ["two"]).Attribute.Add(new AttributeProto
        {
            Name = name,
            F = 2,
            I = 2,
            Floats = { 2 },
            Ints = { 2 },
            T = new TensorProto { DataType = 1, FloatData = { 2 } },
        });
        graph.Node("Mul", ["y", "two"], ["z"]);
        graph.Output("z");

        Assert.Equal([2, 2], Values(Read(graph), "affine.weight"));
    }

    static ModelFile Read(GraphBuilder graph) => OnnxFile.Read("file", graph.Bytes());

    static string Refusal(GraphBuilder graph) => Assert.Throws<EngineException>(() => Read(graph)).Message;

    static float[] Values(ModelFile file, string name) => file.Tensors.Single(tensor => tensor.Name == name).Values;

    static AttributeProto Texts(string name, params string[] texts) => new() { Name = name, Strings = { texts.Select(ByteString.CopyFromUtf8) } };
}
