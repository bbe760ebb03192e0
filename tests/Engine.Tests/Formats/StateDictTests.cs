using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Tests.Formats;

/// <summary>What names and shapes tell of a network, and what they don't.</summary>
public sealed class StateDictTests
{
    [Fact]
    public void The_order_of_the_file_counts_if_it_fits()
    {
        var file = Describe(Embedding("chars", 30, 8), Lstm("rnn", 8, 8), Linear("out", 8, 30));

        Assert.Empty(file.Doubts);
        Assert.Equal(["chars", "rnn", "out"], Names(file));
    }

    [Fact]
    public void Another_order_is_found_by_the_shapes_if_only_one_fits()
    {
        var file = Describe(Linear("decoder", 9, 30), Embedding("encoder_emb", 30, 8), Lstm("rnn", 8, 9));

        Assert.Empty(file.Doubts);
        Assert.Equal(["encoder_emb", "rnn", "decoder"], Names(file));
    }

    [Fact]
    public void Several_orders_are_a_doubt()
    {
        var file = Describe(Linear("z", 8, 8), Lstm("b", 8, 8), Lstm("a", 5, 8));

        Assert.Contains(file.Doubts, doubt => doubt.Contains("order", StringComparison.Ordinal));
        Assert.Equal("a", Names(file)[0]);
    }

    [Fact]
    public void What_has_no_order_is_no_search_without_end()
    {
        var squares = Enumerable.Range(0, 20).Select(index => Linear($"l{index}", 8, 8));

        var file = Describe([Lstm("rnn", 8, 8), .. squares, Linear("odd", 3, 4)]);

        Assert.Contains(file.Doubts, doubt => doubt.Contains("'odd.weight'", StringComparison.Ordinal));
    }

    [Fact]
    public void Between_dense_layers_something_may_stand()
    {
        var file = Describe(Lstm("rnn", 5, 8), Linear("head.0", 8, 6), Linear("head.3", 6, 1));

        Assert.Contains("between dense layers", Assert.Single(file.Doubts), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_head_reads_a_bidirectional_layer_is_a_doubt()
    {
        var file = Describe([.. Lstm("rnn", 5, 8), .. Lstm("rnn", 5, 8, "_reverse")], Linear("head", 16, 2));

        Assert.Contains("\"returnsLast\": true", Assert.Single(file.Doubts), StringComparison.Ordinal);
        Assert.Equal(Direction.Bidirectional, ((LstmManifest)file.Layers![0]).Direction);
    }

    [Fact]
    public void Tensors_without_a_module_of_their_own_are_named()
    {
        var file = Describe(Lstm("rnn", 5, 8), [new Tensor("attention", [8], new float[8])]);

        Assert.Contains("'attention'", Assert.Single(file.Doubts), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_without_a_module_are_a_layer_called_rnn()
    {
        var file = Describe([.. Lstm("", 5, 8).Select(tensor => tensor with { Name = tensor.Name.TrimStart('.') })]);

        Assert.Empty(file.Doubts);
        Assert.Contains("rnn.weight_ih_l0", file.Tensors.Select(tensor => tensor.Name));
    }

    [Theory]
    [InlineData("weight_ih_l0", "rnn.weight_ih_l0")]
    [InlineData("rnn.weight_ih", "rnn.weight_ih_l0")]
    [InlineData("rnn.weight_ih\n", "rnn.weight_hh_l0")]
    public void Names_that_come_close_are_told_apart_or_refused(string name, string other)
    {
        try
        {
            var file = Describe([Of(name, 8, 5), Of(other, 8, 5)]);
            Assert.Equal(2, file.Tensors.Select(tensor => tensor.Name).Distinct().Count());
        }
        catch (EngineException exception)
        {
            Assert.Contains("Two tensors are called 'rnn.weight_ih_l0'", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_without_a_recurrent_layer_tells_no_layers() => Assert.Null(Describe(Linear("out", 8, 30)).Layers);

    static ModelFile Describe(params Tensor[][] modules) => StateDict.Describe("test", [.. modules.SelectMany(tensors => tensors)]);

    static List<string> Names(ModelFile file) => [.. file.Layers!.Select(layer => layer switch
    {
        RecurrentManifest recurrent => recurrent.Name,
        EmbeddingManifest embedding => embedding.Name,
        DenseManifest dense => dense.Name,
        _ => "",
    })];

    static Tensor[] Embedding(string name, int tokens, int size) => [Of($"{name}.weight", tokens, size)];

    static Tensor[] Linear(string name, int input, int output) => [Of($"{name}.weight", output, input), Of($"{name}.bias", output)];

    static Tensor[] Lstm(string name, int input, int hidden, string suffix = "") =>
    [
        Of($"{name}.weight_ih_l0{suffix}", 4 * hidden, input), Of($"{name}.weight_hh_l0{suffix}", 4 * hidden, hidden),
        Of($"{name}.bias_ih_l0{suffix}", 4 * hidden), Of($"{name}.bias_hh_l0{suffix}", 4 * hidden),
    ];

    static Tensor Of(string name, params int[] shape) => new(name, shape, new float[shape.Aggregate(1, (a, b) => a * b)]);
}
