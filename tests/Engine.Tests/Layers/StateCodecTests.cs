using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests.Layers;

public sealed class StateCodecTests
{
    static readonly StateLayout Layout = new(
        "00112233445566778899aabbccddeeff",
        [new("lstm.0", StateKind.Hidden, 3), new("lstm.0", StateKind.Cell, 3), new("gru.0", StateKind.Hidden, 2)],
        []);

    static readonly RecurrentState State = RecurrentState.Of(Layout, 41, [1, -2, 0.5f, 3e-9f, -0f, 7, 8, 9]);

    [Fact]
    public void What_was_written_is_read()
    {
        var copy = StateCodec.Decode(Layout, StateCodec.Encode(State));

        Assert.Equal(State.Values, copy.Values);
        Assert.Equal(41, copy.Step);
        Assert.Equal(StateCodec.Size(Layout), StateCodec.Encode(State).Length);
    }

    [Fact]
    public void The_layout_of_the_bytes_is_the_documented_one()
    {
        var bytes = StateCodec.Encode(State);

        Assert.Equal("RNNS"u8.ToArray(), bytes[..4]);
        Assert.Equal([1, 0, 3, 0], bytes[4..8]);
        Assert.Equal(Layout.Fingerprint, Convert.ToHexStringLower(bytes.AsSpan(8, 16)));
        Assert.Equal(41, BitConverter.ToInt64(bytes, 24));
        Assert.Equal(3u, BitConverter.ToUInt32(bytes, 32));
        Assert.Equal(1f, BitConverter.ToSingle(bytes, 44));
    }

    [Fact]
    public void A_step_that_JSON_can_not_tell_is_refused()
    {
        var last = RecurrentState.Of(Layout, RecurrentState.MaxStep, [.. State.Values]);
        Assert.Equal(RecurrentState.MaxStep, StateCodec.Decode(Layout, StateCodec.Encode(last)).Step);

        foreach (var step in new[] { RecurrentState.MaxStep + 1, long.MaxValue })
        {
            var bytes = StateCodec.Encode(RecurrentState.Of(Layout, step, [.. State.Values]));
            Assert.Equal(ErrorKind.StateRefused, Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes)).Kind);
        }
    }

    [Fact]
    public void A_flip_of_any_bit_is_noticed()
    {
        var bytes = StateCodec.Encode(State);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            var exception = Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes));
            Assert.Equal(ErrorKind.StateRefused, exception.Kind);
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void A_signed_state_can_be_read_with_its_key_only_and_not_be_changed()
    {
        var (seal, other) = (new StateSeal(new byte[32]), new StateSeal([.. Enumerable.Repeat((byte)1, 32)]));
        var bytes = StateCodec.Encode(State, seal);

        Assert.Equal(State.Values, StateCodec.Decode(Layout, bytes, seal).Values);
        Assert.Equal(State.Values, StateCodec.Decode(Layout, bytes).Values);
        Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes, other));
        Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, StateCodec.Encode(State), seal));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes, seal));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes.AsSpan(0, length), seal));
            Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_state_cut_or_prolonged_is_refused()
    {
        var bytes = StateCodec.Encode(State);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, bytes.AsSpan(0, length)));
        }

        Assert.Throws<EngineException>(() => StateCodec.Decode(Layout, [.. bytes, 0]));
    }

    [Fact]
    public void A_state_of_another_model_is_refused()
    {
        var other = new StateLayout("ffffffffffffffffffffffffffffffff", Layout.Parts, []);

        var exception = Assert.Throws<EngineException>(() => StateCodec.Decode(other, StateCodec.Encode(State)));

        Assert.Contains(Layout.Fingerprint, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_state_that_is_not_finite_is_refused(float value) =>
        Assert.Throws<EngineException>(() => RecurrentState.Of(Layout, 0, [value, 0, 0, 0, 0, 0, 0, 0]));
}
