using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;
using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Codecs;

public sealed class WordFeatureCodecTests
{
    static readonly WordColumn Word = new(WordFeature.Word, 0, ["?", "the", "cat"]);

    [Theory]
    [InlineData(WordFeature.Word, 0, "Katze", "katze")]
    [InlineData(WordFeature.Suffix, 2, "RUNNING", "ng")]
    [InlineData(WordFeature.Suffix, 9, "ab", "ab")]
    [InlineData(WordFeature.Prefix, 3, "Unhappy", "unh")]
    [InlineData(WordFeature.Suffix, 1, "smile😀", "😀")]
    [InlineData(WordFeature.Shape, 0, "McDonald's", "XxXx'x")]
    [InlineData(WordFeature.Shape, 0, "3,000.50", "0,0.0")]
    [InlineData(WordFeature.Shape, 0, "...", ".")]
    public void A_feature_is_what_training_made_of_the_word(WordFeature feature, int length, string word, string text) =>
        Assert.Equal(1, new WordColumn(feature, length, ["?", text]).Of(word));

    [Fact]
    public void A_word_is_a_vector_of_its_indices_and_what_is_unknown_is_the_first()
    {
        var codec = new WordFeatureCodec([Word, new(WordFeature.Suffix, 1, ["?", "e", "t"])]);

        Assert.Equal([1, 1, 2, 2, 0, 0], codec.Encode(new() { Text = "The cat!" }).At(0, 3).Vectors.ToArray());
        Assert.Equal([1, 1, 0, 0], codec.Encode(new() { Words = ["the", "Hund"] }).At(0, 2).Vectors.ToArray());
        Assert.Equal(0, codec.Encode(new() { Text = " \n" }).Length);
    }

    [Fact]
    public void Words_are_told_apart_from_what_other_models_read()
    {
        var codec = new WordFeatureCodec([Word]);

        Assert.Equal("/words/1", Refused(codec, new() { Words = ["a", " "] }));
        Assert.Equal("/words", Refused(codec, new() { Words = ["a"], Text = "a" }));
        Assert.Equal("/tokens", Refused(codec, new() { Tokens = [1] }));
        Assert.Equal("/words", Refused(new CharacterCodec(new Vocabulary(["a"], null, null, null), false), new() { Words = ["a"] }));
        Assert.Equal("/words", Refused(new FeatureCodec([new("x")]), new() { Words = ["a"] }));
    }

    [Fact]
    public void Embeddings_look_each_index_up_in_a_table_of_its_own()
    {
        var layer = new EmbeddingsLayer([new(2, 2, [1, 2, 3, 4]), new(3, 1, [10, 20, 30])]);

        Assert.Equal([3, 4, 10, 1, 2, 30], layer.Apply(2, [1, 0, 0, 2], new float[6]).ToArray());
    }

    [Theory]
    [InlineData("{\"kind\": \"embeddings\", \"name\": \"e\", \"sizes\": [2]}", "a size for each column")]
    [InlineData("{\"kind\": \"dense\", \"name\": \"e\", \"size\": 2}", "must be embeddings")]
    public void What_does_not_fit_the_columns_is_named(string layer, string message)
    {
        using var folder = new ModelFolder(
            $$"""
            { "format": 1,
              "input": { "kind": "word-features", "columns": [{ "feature": "word", "vocabulary": ["?"] }, { "feature": "shape", "vocabulary": ["?"] }] },
              "layers": [{{layer}}, { "kind": "elman", "name": "rnn", "hiddenSize": 1 }] }
            """,
            ("e.weight", [2, 2], [1, 2, 3, 4]), ("e.bias", [2], [1, 2]));

        Assert.Contains(message, Assert.Throws<EngineException>(folder.Load).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WordFeature.Suffix, 0)]
    [InlineData(WordFeature.Word, 3)]
    public void Only_a_suffix_and_a_prefix_have_a_length(WordFeature feature, int length) =>
        Assert.Throws<EngineException>(() => CodecBuilder.Input(new WordFeatureInput { Columns = [new() { Feature = feature, Length = length, Vocabulary = ["?"] }] }));

    static string? Refused(InputCodec codec, ModelInput input) => Assert.Throws<EngineException>(() => codec.Encode(input)).Pointer;
}
