using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CsCheck;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Numerics;

public sealed class PackedMatrixTests
{
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Bf16)]
    [InlineData(Precision.Int8)]
    public void A_product_is_the_plain_loops_bit_for_bit_in_any_batch(Precision precision) =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 70], Gen.Int[1, 4], Gen.Int[1, 15], Gen.Int).Sample((units, columns, gates, batch, seed) =>
        {
            var random = new Random(seed);
            var rows = units * gates;
            var weights = Floats(random, rows * columns);
            var bias = Floats(random, rows);
            var x = Floats(random, batch * columns);
            var matrix = PackedMatrix.Of(precision, rows, columns, weights, gates);

            var z = Enumerable.Range(0, batch).SelectMany(_ => matrix.Pack(bias)).ToArray();
            matrix.MultiplyAdd(batch, x, z);

            for (var row = 0; row < batch; row++)
            {
                var expected = matrix.Pack(PlainProduct.MultiplyAdd(precision, weights, bias, x.AsSpan(row * columns, columns)));
                Assert.Equal(expected, z.AsSpan(row * matrix.PackedSize, matrix.PackedSize).ToArray());
            }
        });

    [Fact]
    public void Float32_has_the_same_bits_on_every_width_of_vectors() => ExpectSameBits<Float32Weights>();

    [Fact]
    public void Bfloat16_has_the_same_bits_on_every_width_of_vectors() => ExpectSameBits<Bfloat16Weights>();

    [Fact]
    public void Int8_has_the_same_sums_without_its_instruction() =>
        Gen.Select(Gen.Int.Array[8], Gen.Byte.Array[4], Gen.Byte.Array[32]).Sample((sums, q, w) =>
        {
            var inputs = Vector256.Create(BitConverter.ToInt32(q)).AsByte();
            var expected = sums.Select((sum, output) => sum + Enumerable.Range(0, 4).Sum(k => q[k] * (sbyte)w[4 * output + k]));

            var plain = Int8Kernel.PlainDot(Vector256.Create(sums), inputs, Vector256.Create(w));

            Assert.Equal(expected, Enumerable.Range(0, 8).Select(output => plain[output]));
            if (AvxVnni.IsSupported)
            {
                Assert.Equal(plain, AvxVnni.MultiplyWideningAndAdd(Vector256.Create(sums), inputs, Vector256.Create(w).AsSByte()));
            }
        });

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Bf16)]
    [InlineData(Precision.Int8)]
    public void A_large_product_gives_a_row_the_bits_it_has_alone(Precision precision)
    {
        const int Rows = 1600, Columns = 1100, Batch = 8;        // beyond what caches hold and threads leave to one
        var random = new Random(5);
        var matrix = PackedMatrix.Of(precision, Rows, Columns, Floats(random, Rows * Columns));
        var x = Floats(random, Batch * Columns);

        var together = new float[Batch * matrix.PackedSize];
        matrix.MultiplyAdd(Batch, x, together);

        for (var row = 0; row < Batch; row++)
        {
            var alone = new float[matrix.PackedSize];
            matrix.MultiplyAdd(1, x.AsSpan(row * Columns, Columns), alone);
            Assert.Equal(alone, together.AsSpan(row * matrix.PackedSize, matrix.PackedSize).ToArray());
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_is_not_hidden_by_quantising(float value)
    {
        var matrix = PackedMatrix.Of(Precision.Int8, 64, 40, Floats(new Random(1), 64 * 40));
        var x = new float[40];
        x[33] = value;

        var z = new float[64];
        matrix.MultiplyAdd(1, x, z);

        Assert.All(z, output => Assert.False(float.IsFinite(output)));
    }

    [Fact]
    public void Rows_and_weights_of_zero_are_quantised_to_zero()
    {
        var matrix = PackedMatrix.Of(Precision.Int8, 64, 10, new float[640]);
        var z = new float[64];

        matrix.MultiplyAdd(1, [.. Enumerable.Repeat(3f, 10)], z);
        PackedMatrix.Of(Precision.Int8, 64, 10, Floats(new Random(1), 640)).MultiplyAdd(1, new float[10], z);

        Assert.All(z, output => Assert.Equal(0, output));
    }

    [Fact]
    public void Gates_of_the_same_units_lie_side_by_side()
    {
        var matrix = PackedMatrix.Of(Precision.Float32, 40, 1, Enumerable.Range(0, 40).Select(row => (float)row).ToArray(), gates: 2);

        var z = new float[matrix.PackedSize];
        matrix.MultiplyAdd(1, [1], z);

        Assert.Equal(64, matrix.PackedSize);
        Assert.Equal([0, 1, 2], z[..3]);
        Assert.Equal([20, 21, 22], z[16..19]);
        Assert.Equal([16, 17, 18, 19, 0], z[32..37]);
        Assert.Equal([36, 37, 38, 39, 0], z[48..53]);
    }

    static unsafe void ExpectSameBits<TWeights>()
        where TWeights : struct, IWeights =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 15], Gen.Int).Sample((columns, batch, seed) =>
        {
            var random = new Random(seed);
            var weights = new byte[64 * columns * TWeights.Size];
            for (var place = 0; place < weights.Length; place += 32 * TWeights.Size)
            {
                TWeights.Write(Floats(random, 32), weights.AsSpan(place, 32 * TWeights.Size));
            }

            var x = Floats(random, batch * columns);
            var wide = new float[batch * 64];
            var narrow = new float[batch * 64];
            fixed (byte* w = weights)
            fixed (float* inputs = x, a = wide, b = narrow)
            {
                ProductKernel.MultiplyAdd<Lanes512, TWeights, CachedPrefetch>(w, columns, 64, batch, inputs, a);
                ProductKernel.MultiplyAdd<Lanes256, TWeights, StreamedPrefetch>(w, columns, 64, batch, inputs, b);
            }

            Assert.Equal(wide, narrow);
        });

    static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
