using Google.Protobuf;
using Rnn.Engine.Formats.Onnx;

namespace Rnn.Engine.Tests.Formats.Onnx;

/// <summary>Files that nobody wrote in earnest.</summary>
public sealed class OnnxHostileTests
{
    const long Mebibyte = 1 << 20;

    [Fact]
    public void A_model_cut_at_any_byte_is_refused()
    {
        foreach (var bytes in new[] { TestFile.Bytes("onnx/burn/lstm.onnx"), Good().Bytes() })
        {
            for (var length = 0; length < bytes.Length; length++)
            {
                Refuse(bytes[..length]);
            }
        }
    }

    [Theory]
    [InlineData(new[] { long.MaxValue, 1, 1 }, "W")]
    [InlineData(new[] { long.MinValue }, "2^31")]
    [InlineData(new[] { 1L, -8, 3 }, "W")]
    [InlineData(new[] { 1L << 31, 1L << 31, 4 }, "W")]
    [InlineData(new[] { int.MaxValue, int.MaxValue, (long)int.MaxValue }, "W")]
    [InlineData(new[] { 1L << 29 }, "needs 2147483648 bytes")]
    [InlineData(new[] { 1L, 8, 4 }, "needs 128 bytes; it has 96")]
    [InlineData(new[] { 1L, 8, 3, 1, 1, 1, 1, 1, 1 }, "dimensions")]
    public void Dimensions_that_do_not_fit_the_bytes_are_refused_before_anything_is_allocated(long[] dims, string what)
    {
        var graph = Good();
        graph.Graph.Initializer[0].Dims.Clear();
        graph.Graph.Initializer[0].Dims.Add(dims);
        var bytes = graph.Bytes();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains(what, Refuse(bytes), StringComparison.Ordinal);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Mebibyte);
    }

    [Fact]
    public void Data_in_another_file_is_refused_by_name()
    {
        var graph = Good();
        graph.Graph.Initializer[1].DataLocation = 1;
        graph.Graph.Initializer[1].ExternalData.Add(ByteString.CopyFromUtf8("\n\blocation\u0012\r../etc/passwd"));

        Assert.Contains("'R' lie in another file", Refuse(graph.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_hundred_graphs_in_one_another_are_refused_by_the_name_of_the_outermost_node()
    {
        var inner = ByteString.Empty;
        for (var depth = 0; depth < 200; depth++)
        {
            var graph = new GraphProto { Node = { new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = inner } } } } };
            inner = graph.ToByteString();
        }

        var outer = Good();
        outer.Node("If", ["y"], ["z"]).Attribute.Add(new AttributeProto { Name = "then_branch", G = inner });
        outer.Output("z");

        var message = Refuse(outer.Bytes());

        Assert.Contains("(If) holds a graph", message, StringComparison.Ordinal);
        Assert.Contains("\"runtime\": \"onnxruntime\"", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_in_one_another_are_refused() => Refuse([.. Enumerable.Repeat((byte)0x0B, 100_000)]);

    [Fact]
    public void A_node_that_uses_its_own_output_is_refused_by_name()
    {
        var graph = Good();
        graph.Node("Add", ["y", "z"], ["z"]);
        graph.Output("z");

        Assert.Contains("'add2' uses 'z'", Refuse(graph.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sources_of_one_value_are_refused_by_name()
    {
        var twoNodes = Good();
        twoNodes.Node("Relu", ["y"], ["y"]);
        var twoWeights = Good();
        twoWeights.Weight("W", [1]);

        Assert.Contains("'y' is given twice", Refuse(twoNodes.Bytes()), StringComparison.Ordinal);
        Assert.Contains("'W' is given twice", Refuse(twoWeights.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_nodes_are_refused_before_they_become_objects()
    {
        var graph = Good();
        for (var i = 0; i < 100_000; i++)
        {
            graph.Node("Identity", [i == 0 ? "y" : $"n{i}"], [$"n{i + 1}"]);
        }

        Assert.Contains("parts", Refuse(graph.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_chain_of_layers_is_refused_and_one_of_views_is_none()
    {
        var layers = Good();
        var views = Good();
        for (var i = 0; i < 4_000; i++)
        {
            layers.Node("Relu", [i == 0 ? "y" : $"n{i}"], [$"n{i + 1}"]);
            views.Node("Identity", [i == 0 ? "y" : $"n{i}"], [$"n{i + 1}"]);
            views.Node("Unsqueeze", [i == 0 ? "B" : $"w{i}", "one"], [$"v{i + 1}"]);
            views.Node("Squeeze", [$"v{i + 1}", "one"], [$"w{i + 1}"]);
        }

        layers.Output("n4000");
        views.Graph.Output[0].Name = "n4000";
        views.Graph.Node[0].Input[3] = "B";

        Assert.Contains("more than 1000 layers", Refuse(layers.Bytes()), StringComparison.Ordinal);
        Assert.Single(OnnxFile.Read("file", views.Bytes()).Layers!);
    }

    [Fact]
    public void Sums_of_sums_do_not_grow_without_end()
    {
        var graph = Good();
        for (var i = 0; i < 100; i++)
        {
            graph.Node("Relu", [i == 0 ? "y" : $"s{i}"], [$"r{i}"]);
            graph.Node("Concat", [i == 0 ? "y" : $"s{i}", $"r{i}"], [$"s{i + 1}"]).Attribute.Add(new AttributeProto { Name = "axis", I = 2 });
        }

        graph.Output("s100");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Refuse(graph.Bytes());

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 * Mebibyte);
    }

    [Fact]
    public void A_constant_that_every_node_multiplies_does_not_fill_the_memory()
    {
        var graph = Good();
        graph.Weight("M", [512, 512]);
        for (var i = 0; i < 1_000; i++)
        {
            graph.Node("Transpose", [i == 0 ? "M" : $"t{i}"], [$"t{i + 1}"]);
        }

        graph.Node("MatMul", ["y", "t1000"], ["z"]);
        graph.Output("z");
        var bytes = graph.Bytes();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("many times its own size", Refuse(bytes), StringComparison.Ordinal);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 12L * bytes.Length + 4 * Mebibyte);
    }

    [Fact]
    public void A_constant_of_any_claimed_shape_takes_no_memory()
    {
        var graph = Good();
        graph.Integers("huge", 1 << 30, 1 << 30);
        graph.Node("ConstantOfShape", ["huge"], ["zeros"]);
        graph.Node("MatMul", ["y", "zeros"], ["z"]);
        graph.Output("z");

        Assert.Contains("(MatMul)", Refuse(graph.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_names_are_cut_in_messages()
    {
        var graph = Good();
        graph.Node(new string('X', 1 << 20), ["y"], ["z"]).Name = new string('n', 1 << 20);
        graph.Output("z");

        Assert.True(Refuse(graph.Bytes()).Length < 1_000);
    }

    [Fact]
    public void Spoilt_models_are_read_or_refused()
    {
        byte[][] corpus =
        [
            Good().Bytes(),
            .. new[] { "burn/lstm", "burn/gru_with_initial_state", "cntk/bidirectional", "ort-rnn/rnn_RNN_bidirectional_0_01" }.Select(name => TestFile.Bytes($"onnx/{name}.onnx")),
            .. Directory.EnumerateFiles(TestFile.PathOf("onnx/torch"), "*.onnx").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        ];

        Mutations.Survive(corpus, bytes => OnnxFile.Read("file", bytes), length => 64L * length + Mebibyte);
    }

    [Fact]
    public void Models_whose_parts_are_exchanged_are_read_or_refused()
    {
        byte[][] corpus =
        [
            Good().Bytes(),
            .. Directory.EnumerateFiles(TestFile.PathOf("onnx"), "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        ];

        for (var index = 0; index < Mutations.Count; index++)
        {
            var bytes = GraphMutation.Of(corpus, new Random(index));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                OnnxFile.Read("file", bytes);
            }
            catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
            {
                // A refusal is what most of them deserve.
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Mutation {index} was answered by {exception.GetType().Name}: {exception.Message}", exception);
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before <= 64L * bytes.Length + Mebibyte, $"Mutation {index} allocated too much.");
        }
    }

    [Fact]
    public void Other_files_do_not_look_like_a_model()
    {
        Assert.All(Directory.EnumerateFiles(TestFile.PathOf("onnx"), "*.onnx", SearchOption.AllDirectories), path => Assert.True(OnnxFile.LooksLikeOnnx(File.ReadAllBytes(path)), path));
        Assert.False(OnnxFile.LooksLikeOnnx([]));
        Assert.False(OnnxFile.LooksLikeOnnx("{\"a\": 1}"u8));
        Assert.False(OnnxFile.LooksLikeOnnx("PK\u0003\u0004"u8));
        Assert.False(OnnxFile.LooksLikeOnnx(ModelFolder.SafeTensorsBytes(("a", [1], [1]))));
        Assert.False(OnnxFile.LooksLikeOnnx([0x89, .. "HDF\r\n"u8, 0x1A, 0x0A]));
        Assert.False(OnnxFile.LooksLikeOnnx([0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC]));
    }

    static GraphBuilder Good()
    {
        var graph = GraphBuilder.Lstm();
        graph.Output("y");
        return graph;
    }

    static string Refuse(byte[] bytes)
    {
        var exception = Assert.Throws<EngineException>(() => OnnxFile.Read("file", bytes));
        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        return exception.Message;
    }
}
