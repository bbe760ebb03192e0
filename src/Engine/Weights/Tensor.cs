using System.Numerics.Tensors;

namespace Rnn.Engine.Weights;

/// <summary>A named array of weights, row-major, widened or narrowed to float32.</summary>
/// <param name="Name">The name in its file, such as <c>lstm.weight_ih_l0</c>.</param>
/// <param name="Shape">The length of each dimension.</param>
/// <param name="Values">As many values as the product of the shape.</param>
public sealed record Tensor(string Name, int[] Shape, float[] Values)
{
    const int MaxRank = 8;

    /// <summary>A tensor whose numbers lie one after the other in a file.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The length of each dimension, as the file claims it.</param>
    /// <param name="type">The type of its numbers.</param>
    /// <param name="bytes">All its numbers.</param>
    /// <exception cref="EngineException">The shape does not fit the bytes, or a number is a NaN or an infinity.</exception>
    public static Tensor Read(string file, string name, ReadOnlySpan<long> shape, FloatType type, ReadOnlySpan<byte> bytes)
    {
        Expect(file, name, shape, type, bytes.Length);
        return Finite(file, name, shape, type.ToSingle(bytes));
    }

    /// <summary>A tensor of numbers that were read already; its shape fits them.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The length of each dimension.</param>
    /// <param name="values">Its numbers.</param>
    /// <exception cref="EngineException">A number is a NaN or an infinity.</exception>
    public static Tensor Finite(string file, string name, ReadOnlySpan<long> shape, float[] values) =>
        values.Length == 0 || TensorPrimitives.IsFiniteAll<float>(values)
            ? new Tensor(name, [.. shape.ToArray().Select(size => (int)size)], values)
            : throw EngineException.Model($"{file}: tensor '{name}' holds a NaN or an infinity.");

    /// <summary>Checks that a shape can be and needs exactly as many bytes as there are, before anything is allocated for it.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The length of each dimension, as the file claims it.</param>
    /// <param name="type">The type of its numbers.</param>
    /// <param name="available">How many bytes the tensor has.</param>
    /// <exception cref="EngineException">It does not.</exception>
    public static void Expect(string file, string name, ReadOnlySpan<long> shape, FloatType type, long available)
    {
        Int128 bytes = type.Bytes();
        foreach (var size in shape)
        {
            if (size is < 0 or > int.MaxValue || shape.Length > MaxRank)
            {
                throw EngineException.Model(
                    $"{file}: tensor '{name}' has shape [{string.Join(", ", shape[..Math.Min(shape.Length, MaxRank + 1)].ToArray())}]; at most {MaxRank} dimensions of 0 to 2^31 - 1 are read.");
            }

            bytes = Int128.Min(bytes * size, long.MaxValue);
        }

        if (bytes != available)
        {
            throw EngineException.Model(
                $"{file}: tensor '{name}' of shape [{string.Join(", ", shape.ToArray())}] and type {type} needs {bytes} bytes; it has {available}.");
        }
    }
}
