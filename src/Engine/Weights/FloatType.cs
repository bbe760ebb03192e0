using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Rnn.Engine.Weights;

/// <summary>The types of numbers that weights are kept in; little-endian in every file.</summary>
public enum FloatType
{
    /// <summary>16 bits: 1 sign, 5 exponent, 10 fraction.</summary>
    Float16,

    /// <summary>16 bits: the upper half of a float32.</summary>
    Bfloat16,

    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>64 bits.</summary>
    Float64,
}

/// <summary>Widens or narrows numbers of a <see cref="FloatType"/> to float32.</summary>
public static class FloatTypes
{
    /// <summary>The bytes of one number.</summary>
    public static int Bytes(this FloatType type) => type switch
    {
        FloatType.Float32 => sizeof(float),
        FloatType.Float64 => sizeof(double),
        _ => 2,
    };

    /// <summary>The number at an index.</summary>
    public static float At(this FloatType type, ReadOnlySpan<byte> bytes, int index)
    {
        var number = bytes.Slice(index * type.Bytes(), type.Bytes());
        return type switch
        {
            FloatType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(number),
            FloatType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(number),
            FloatType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(number),
            _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(number) << 16),
        };
    }

    /// <summary>The numbers that <paramref name="bytes"/> hold, which need not be aligned.</summary>
    public static float[] ToSingle(this FloatType type, ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / type.Bytes()];
        switch (type)
        {
            case FloatType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case FloatType.Float64:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), values);
                break;
            case FloatType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            default:
                var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                }

                break;
        }

        return values;
    }
}
