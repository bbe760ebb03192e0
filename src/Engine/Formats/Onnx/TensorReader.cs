using System.Runtime.InteropServices;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Formats.Onnx;

/// <summary>Tells what a tensor of the file is: weights, which are read when a layer needs them, or a few integers.</summary>
sealed class TensorReader(string file, Allowance allowance)
{
    const int External = 1;

    /// <summary>Checks a tensor's shape against its bytes; nothing is allocated for it yet.</summary>
    /// <exception cref="EngineException">They do not fit, or the numbers lie in another file.</exception>
    public Value Read(TensorProto tensor, string name)
    {
        if (tensor.DataLocation == External || tensor.ExternalData.Count > 0)
        {
            throw EngineException.Model(
                $"{file}: the numbers of tensor '{Node.Shown(name)}' lie in another file; only models in one file are read. Save it again with its data inside.");
        }

        return (DataType)tensor.DataType switch
        {
            DataType.Float => Floats(tensor, name, FloatType.Float32, tensor.FloatData.Count),
            DataType.Double => Floats(tensor, name, FloatType.Float64, tensor.DoubleData.Count),
            DataType.Float16 => Floats(tensor, name, FloatType.Float16, tensor.Int32Data.Count),
            DataType.Bfloat16 => Floats(tensor, name, FloatType.Bfloat16, tensor.Int32Data.Count),
            DataType.Int64 => Whole(tensor, name, sizeof(long), tensor.Int64Data.Count),
            DataType.Int32 => Whole(tensor, name, sizeof(int), tensor.Int32Data.Count),
            DataType.Bool => Whole(tensor, name, sizeof(bool), tensor.Int32Data.Count),
            _ => new Refused(EngineException.Model(
                $"{file}: tensor '{Node.Shown(name)}' has type {tensor.DataType}; float, double, float16, bfloat16, int64, int32 and bool are read. {Node.Hint}")),
        };
    }

    Constant Floats(TensorProto tensor, string name, FloatType type, int count)
    {
        var dims = Dims(tensor);
        Tensor.Expect(file, Node.Shown(name), dims, type, tensor.RawData.IsEmpty ? (long)count * type.Bytes() : tensor.RawData.Length);
        var shape = dims.Select(size => (int)size).ToArray();
        return new Constant(shape, () =>
        {
            allowance.Take(dims.Aggregate(1L, (product, size) => product * size));
            return Tensor.Read(file, Node.Shown(name), dims, type, tensor.RawData.IsEmpty ? Typed(tensor, type) : tensor.RawData.Span).Values;
        });
    }

    static ReadOnlySpan<byte> Typed(TensorProto tensor, FloatType type) => type switch
    {
        FloatType.Float32 => MemoryMarshal.AsBytes<float>(tensor.FloatData.ToArray()),
        FloatType.Float64 => MemoryMarshal.AsBytes<double>(tensor.DoubleData.ToArray()),
        _ => MemoryMarshal.AsBytes<ushort>(tensor.Int32Data.Select(bits => (ushort)bits).ToArray()),
    };

    Value Whole(TensorProto tensor, string name, int bytes, int count)
    {
        var dims = Dims(tensor);
        if (tensor.RawData.Length % bytes != 0)
        {
            throw EngineException.Model($"{file}: tensor '{Node.Shown(name)}' has {tensor.RawData.Length} bytes; each of its integers takes {bytes}.");
        }

        // Their own width is known to fit now, so they are counted as numbers of four bytes.
        var available = tensor.RawData.IsEmpty ? count : tensor.RawData.Length / bytes;
        Tensor.Expect(file, Node.Shown(name), dims, FloatType.Float32, 4L * available);
        if (dims.Length > 1 || available > Integers.MaxCount)
        {
            return new Refused(EngineException.Model(
                $"{file}: tensor '{Node.Shown(name)}' holds integers of shape [{string.Join(", ", dims)}]; lists of up to {Integers.MaxCount} are followed. {Node.Hint}"));
        }

        return new Integers([.. Enumerable.Range(0, available).Select(index => (Size)Integer(tensor, bytes, index))], isScalar: dims.Length == 0);
    }

    static long Integer(TensorProto tensor, int bytes, int index)
    {
        if (tensor.RawData.IsEmpty)
        {
            return bytes == sizeof(long) ? tensor.Int64Data[index] : tensor.Int32Data[index];
        }

        var raw = tensor.RawData.Span.Slice(index * bytes, bytes);
        return bytes switch
        {
            sizeof(long) => MemoryMarshal.Read<long>(raw),
            sizeof(int) => MemoryMarshal.Read<int>(raw),
            _ => raw[0],
        };
    }

    long[] Dims(TensorProto tensor) => tensor.Dims.Count <= Shapes.MaxRank
        ? [.. tensor.Dims]
        : throw EngineException.Model($"{file}: tensor '{Node.Shown(tensor.Name)}' has {tensor.Dims.Count} dimensions; at most {Shapes.MaxRank} are read.");
}
