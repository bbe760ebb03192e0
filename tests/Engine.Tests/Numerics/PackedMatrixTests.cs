using CsCheck;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Numerics;

public sealed class PackedMatrixTests
{
    [Fact]
    public void A_product_is_the_plain_loops_bit_for_bit_in_any_batch() =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 70], Gen.Int[1, 4], Gen.Int[1, 15], Gen.Int).Sample((units, columns, gates, batch, seed) =>
        {
            var random = new Random(seed);
            var rows = units * gates;
            var weights = Floats(random, rows * columns);
            var bias = Floats(random, rows);
            var x = Floats(random, batch * columns);
            var matrix = new PackedMatrix(rows, columns, weights, gates);

            var z = Enumerable.Range(0, batch).SelectMany(_ => matrix.Pack(bias)).ToArray();
            matrix.MultiplyAdd(batch, x, z);

            for (var row = 0; row < batch; row++)
            {
                var expected = matrix.Pack(Reference(weights, bias, columns, x.AsSpan(row * columns, columns)));
                Assert.Equal(expected, z.AsSpan(row * matrix.PackedSize, matrix.PackedSize).ToArray());
            }
        });

    [Fact]
    public unsafe void The_bits_do_not_depend_on_the_width_of_the_vectors() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 15], Gen.Int).Sample((columns, batch, seed) =>
        {
            var random = new Random(seed);
            var weights = Floats(random, 64 * columns);
            var x = Floats(random, batch * columns);
            var wide = new float[batch * 64];
            var narrow = new float[batch * 64];

            fixed (float* w = weights, inputs = x, a = wide, b = narrow)
            {
                ProductKernel.MultiplyAdd<Lanes512>(w, columns, 64, batch, inputs, a);
                ProductKernel.MultiplyAdd<Lanes256>(w, columns, 64, batch, inputs, b);
            }

            Assert.Equal(wide, narrow);
        });

    [Fact]
    public void Gates_of_the_same_units_lie_side_by_side()
    {
        var matrix = new PackedMatrix(40, 1, Enumerable.Range(0, 40).Select(row => (float)row).ToArray(), gates: 2);

        var z = new float[matrix.PackedSize];
        matrix.MultiplyAdd(1, [1], z);

        Assert.Equal(64, matrix.PackedSize);
        Assert.Equal([0, 1, 2], z[..3]);
        Assert.Equal([20, 21, 22], z[16..19]);
        Assert.Equal([16, 17, 18, 19, 0], z[32..37]);
        Assert.Equal([36, 37, 38, 39, 0], z[48..53]);
    }

    // The definition: each output is one chain of fused multiply-adds.
    static float[] Reference(float[] weights, float[] bias, int columns, ReadOnlySpan<float> x)
    {
        var y = bias.ToArray();
        for (var row = 0; row < y.Length; row++)
        {
            for (var k = 0; k < columns; k++)
            {
                y[row] = MathF.FusedMultiplyAdd(x[k], weights[row * columns + k], y[row]);
            }
        }

        return y;
    }

    static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
