using Rnn.Engine.Codecs;

namespace Rnn.Engine.Tests.Codecs;

public sealed class CodecTests
{
    static readonly CharacterCodec Characters = new(new Vocabulary(["a", "b", "é", "漢", "😀"], null, null, null), lowercase: true);

    static readonly WordCodec Words = new(new Vocabulary(["<unk>", "it", "don't", ",", "."], "<unk>", null, null), lowercase: true);

    static readonly FeatureCodec Features = new(
    [
        new("plain"),
        new("standard", null, new StandardScaling(10, 4)),
        new("range", null, new RangeScaling(-1, 3)),
        new("log", null, new LogScaling(1, 2)),
        new("hour", "h", new CyclicScaling(24)),
    ]);

    [Fact]
    public void A_character_is_a_code_point() =>
        Assert.Equal([0, 1, 2, 3, 4], Tokens(Characters, "ABé漢😀"));

    [Fact]
    public void An_unknown_character_is_named_with_its_place()
    {
        var exception = Assert.Throws<EngineException>(() => Tokens(Characters, "a😀x"));

        Assert.Equal("/text", exception.Pointer);
        Assert.Contains("'x' at character 3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lone_half_of_a_surrogate_pair_is_refused_not_crashed_on() =>
        Assert.Throws<EngineException>(() => Tokens(Characters, "a\ud83d"));

    [Fact]
    public void Words_and_marks_are_tokens_and_the_rest_is_unknown() =>
        Assert.Equal([1, 2, 3, 0, 4], Tokens(Words, "It  don't, whatever."));

    [Fact]
    public void Generated_words_are_joined_and_punctuated()
    {
        int[] tokens = [1, 2, 3, 1, 4];

        Assert.Equal("it don't, it.", string.Concat(tokens.Select((token, index) => Words.TextOf(token, isFirst: index == 0))));
        Assert.Equal(" it don't, it.", string.Concat(tokens.Select(token => Words.TextOf(token, isFirst: false))));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void A_token_out_of_the_vocabulary_is_named(int token)
    {
        var exception = Assert.Throws<EngineException>(() => Characters.Encode(new() { Tokens = [0, token] }));

        Assert.Equal("/tokens/1", exception.Pointer);
    }

    [Fact]
    public void Text_and_tokens_together_are_refused() =>
        Assert.Equal("/tokens", Assert.Throws<EngineException>(() => Characters.Encode(new() { Text = "a", Tokens = [0] })).Pointer);

    [Fact]
    public void Features_are_scaled_as_documented()
    {
        var inputs = Features.Encode(new() { Vector = [2, 18, 1, Math.E * Math.E - 1, 6] });

        Assert.Equal(6, Features.Size);
        Assert.Equal([2, 2, 0.5f, 0.5f, 1, 6e-17f], inputs[0].Vectors.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Scaling_a_value_and_back_gives_the_value()
    {
        Span<float> scaled = stackalloc float[1];
        foreach (var scaling in new Scaling[] { new StandardScaling(10, 4), new RangeScaling(-1, 3), new LogScaling(1, 2) })
        {
            scaling.Scale(17.5, scaled);
            Assert.Equal(17.5, scaling.Unscale(scaled[0]), 1e-4);
        }
    }

    [Theory]
    [InlineData(0, double.NaN)]
    [InlineData(1, double.PositiveInfinity)]
    [InlineData(0, 1e39)]
    [InlineData(4, 1e39)]
    [InlineData(3, -1.0)]
    [InlineData(3, -5.0)]
    public void A_number_that_can_not_be_used_is_named(int feature, double value)
    {
        var vector = new double[] { 1, 1, 1, 1, 1 };
        vector[feature] = value;

        Assert.Equal($"/values/{feature}", Assert.Throws<EngineException>(() => Features.Encode(new() { Vector = vector })).Pointer);
        Assert.Equal($"/values/1/{feature}", Assert.Throws<EngineException>(() => Features.Encode(new() { Values = [[1, 1, 1, 1, 1], vector] })).Pointer);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_vector_of_another_length_is_named(int length)
    {
        var exception = Assert.Throws<EngineException>(() => Features.Encode(new() { Values = [[1, 1, 1, 1, 1], new double[length]] }));

        Assert.Equal("/values/1", exception.Pointer);
        Assert.Contains("plain, standard, range, log, hour", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_of_the_wrong_kind_is_named()
    {
        Assert.Equal("/text", Assert.Throws<EngineException>(() => Features.Encode(new() { Text = "a" })).Pointer);
        Assert.Equal("/tokens", Assert.Throws<EngineException>(() => Features.Encode(new() { Tokens = [1] })).Pointer);
        Assert.Equal("/values", Assert.Throws<EngineException>(() => Characters.Encode(new() { Values = [[1]] })).Pointer);
    }

    [Fact]
    public void A_distribution_lists_the_most_probable_first()
    {
        var head = new ClassHead(["low", "mid", "high"], isNormalised: false);

        var distribution = Assert.IsType<Distribution>(head.Decode([0, 1, 2], top: 2));

        Assert.Equal(["high", "mid"], distribution.Candidates.Select(candidate => candidate.Text));
        Assert.Equal(Math.Exp(2) / (1 + Math.Exp(1) + Math.Exp(2)), distribution.Candidates[0].Probability, 1e-6);
    }

    [Fact]
    public void Logits_too_large_for_exp_still_give_probabilities()
    {
        var head = new ClassHead(["a", "b"], isNormalised: false);

        var distribution = Assert.IsType<Distribution>(head.Decode([1000, 990], top: 2));

        Assert.Equal(1, distribution.Candidates.Sum(candidate => candidate.Probability), 1e-6);
    }

    static int[] Tokens(TokenCodec codec, string text)
    {
        var inputs = codec.Encode(new() { Text = text });
        return [.. Enumerable.Range(0, inputs.Length).Select(timestep => inputs[timestep].Tokens[0])];
    }
}
