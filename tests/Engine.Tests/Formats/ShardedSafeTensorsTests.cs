using System.Text;
using Rnn.Engine.Formats;

namespace Rnn.Engine.Tests.Formats;

public sealed class ShardedSafeTensorsTests
{
    const string Name = "model.safetensors.index.json";

    static readonly Dictionary<string, byte[]> Shards = new()
    {
        ["a.safetensors"] = ModelFolder.SafeTensorsBytes(("rnn.weight_ih_l0", [3, 2], new float[6])),
        ["b.safetensors"] = ModelFolder.SafeTensorsBytes(("rnn.weight_hh_l0", [3, 1], [1, 2, 3]), ("head.weight", [2, 1], [4, 5])),
    };

    const string Index = """
        { "metadata": { "total_size": 44 },
          "weight_map": { "rnn.weight_ih_l0": "a.safetensors", "rnn.weight_hh_l0": "b.safetensors", "head.weight": "b.safetensors" } }
        """;

    [Fact]
    public void Shards_are_one_model()
    {
        var file = Read(Index);

        Assert.Equal(["rnn.weight_ih_l0", "rnn.weight_hh_l0", "head.weight"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(2, file.Layers!.Count);
        Assert.Empty(file.Doubts);
    }

    [Theory]
    [InlineData("a.safetensors", "c.safetensors", "there is no such file")]
    [InlineData("\"head.weight\": \"b", "\"tail.weight\": \"b", "are not the same")]
    [InlineData(", \"head.weight\": \"b.safetensors\"", "", "are not the same")]
    [InlineData("weight_map", "map", "'weight_map'")]
    [InlineData("\"b.safetensors\", \"head", "7, \"head", "'weight_map'")]
    [InlineData("{ \"metadata", "[{ \"metadata", "no JSON")]
    [InlineData("a.safetensors", "../a.safetensors", "a path")]
    public void An_index_that_does_not_fit_its_shards_is_refused(string old, string @new, string expected)
    {
        Assert.Contains(old, Index, StringComparison.Ordinal);

        var exception = Assert.Throws<EngineException>(() => Read(Index.Replace(old, @new, StringComparison.Ordinal)));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spoilt_indices_are_read_or_refused() =>
        Mutations.Survive([Encoding.UTF8.GetBytes(Index)], bytes => Read(Encoding.Latin1.GetString(bytes)), length => 64L * length + (1 << 20));

    static ModelFile Read(string index) => WeightFile.Read(Name, Encoding.Latin1.GetBytes(index), Sibling);

    /// <summary>Gives files as a model folder does: by plain names alone.</summary>
    static ReadOnlyMemory<byte>? Sibling(string name) => Path.GetFileName(name) == name
        ? Shards.TryGetValue(name, out var bytes) ? bytes : default(ReadOnlyMemory<byte>?)
        : throw EngineException.Model($"'{name}' is a path.");
}
