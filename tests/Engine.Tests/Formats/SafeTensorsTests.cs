using System.Buffers.Binary;
using Rnn.Engine.Formats;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Tests.Formats;

public sealed class SafeTensorsTests
{
    const string Good = """{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}""";

    [Fact]
    public void A_file_gives_its_tensors_with_shape_and_values()
    {
        var bytes = ModelFolder.SafeTensorsBytes(("a", [2, 3], [1, 2, 3, 4, 5, 6]), ("b", [1], [7]));

        var weights = Read(bytes);

        Assert.Equal([1, 2, 3, 4, 5, 6], weights.Take("a", 2, 3));
        Assert.Equal([7], weights.Take("b", 1));
        weights.ExpectEmpty();
    }

    [Theory]
    [InlineData("F16", new byte[] { 0x00, 0x3E }, 1.5f)]
    [InlineData("BF16", new byte[] { 0xC0, 0x3F }, 1.5f)]
    [InlineData("F32", new byte[] { 0, 0, 0xC0, 0x3F }, 1.5f)]
    [InlineData("F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F }, 1.5f)]
    public void Every_dtype_becomes_float32(string type, byte[] value, float expected)
    {
        var header = $$$"""{"w":{"dtype":"{{{type}}}","shape":[1],"data_offsets":[0,{{{value.Length}}}] } }""";

        Assert.Equal([expected], Read(ModelFolder.SafeTensorsBytes(header, value)).Take("w", 1));
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"v":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "'v'", "overlaps")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"v":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "'v'", "hole")]
    [InlineData(Good, 20, "end at byte 16", "20")]
    [InlineData(Good, 12, "'w'", "12")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,16]}}""", 16, "'w'", "24")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}""", 16, "'w'", "16 to 0")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}}""", 16, "'w'", "non-negative")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", 16, "'w'", "non-negative")]
    [InlineData("""{"w":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,16]}}""", 16, "'w'", "integers")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,16]}}""", 16, "'w'", "needs")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}}""", 16, "'w'", "2^31")]
    [InlineData("""{"w":{"dtype":"I8","shape":[16],"data_offsets":[0,16]}}""", 16, "'w'", "I8")]
    [InlineData("""{"w":{"shape":[4],"data_offsets":[0,16]}}""", 16, "'w'", "dtype")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 16, "w", "uplicate")]
    [InlineData("""{"w":1}""", 0, "'w'", "dtype")]
    [InlineData("[]", 0, "object", "")]
    [InlineData("{", 0, "header", "JSON")]
    public void A_header_that_breaks_a_rule_is_refused_by_name(string header, int dataLength, string where, string what)
    {
        var exception = Assert.Throws<EngineException>(
            () => SafeTensors.Read("file", ModelFolder.SafeTensorsBytes(header, new byte[dataLength])));

        Assert.Equal(ErrorKind.BadModel, exception.Kind);
        Assert.Contains(where, exception.Message, StringComparison.Ordinal);
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16UL + (16 << 20))]
    [InlineData(ulong.MaxValue)]
    [InlineData(1000UL)]
    public void A_header_longer_than_the_file_or_the_limit_is_refused(ulong length)
    {
        var bytes = ModelFolder.SafeTensorsBytes(Good, new byte[16]);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);

        var exception = Assert.Throws<EngineException>(() => SafeTensors.Read("file", bytes));

        Assert.Contains($"{length} bytes", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_refused_by_name(float value)
    {
        var exception = Assert.Throws<EngineException>(() => SafeTensors.Read("file", ModelFolder.SafeTensorsBytes(("w", [1], [value]))));

        Assert.Contains("'w'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        var bytes = ModelFolder.SafeTensorsBytes(Good, new byte[16]);

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<EngineException>(() => SafeTensors.Read("file", bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void A_missing_tensor_a_wrong_shape_and_a_tensor_left_over_are_refused_by_name()
    {
        var weights = Read(ModelFolder.SafeTensorsBytes(Good, new byte[16]));

        Assert.Contains("'v' is missing", Assert.Throws<EngineException>(() => weights.Take("v", 1)).Message, StringComparison.Ordinal);
        Assert.Contains("'w'", Assert.Throws<EngineException>(weights.ExpectEmpty).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 2]", Assert.Throws<EngineException>(() => weights.Take("w", 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spoilt_files_are_read_or_refused() =>
        Mutations.Survive(
            [ModelFolder.SafeTensorsBytes(Good, new byte[16]), ModelFolder.SafeTensorsBytes(("rnn.weight_ih_l0", [3, 2], new float[6]), ("rnn.weight_hh_l0", [3, 1], [1, 2, 3]))],
            bytes => SafeTensors.Read("file", bytes),
            length => 64L * length + (1 << 20));

    static WeightSet Read(byte[] bytes) => new("file", SafeTensors.Read("file", bytes).Tensors);
}
