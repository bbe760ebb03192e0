using System.Buffers.Binary;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Rnn.Engine;

namespace Rnn.Api.OpenInference;

/// <summary>The elements of a tensor as the engine reads them.</summary>
static class TensorValues
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    delegate double Read(ReadOnlySpan<byte> element);

    /// <summary>Numbers of any datatype; each exactly, but for integers beyond 2^53.</summary>
    /// <exception cref="EngineException">It holds none.</exception>
    public static double[] ToDoubles(this Tensor tensor)
    {
        var numbers = new double[tensor.Count];
        if (tensor.Datatype == Datatype.Fp32 && BitConverter.IsLittleEndian)
        {
            TensorPrimitives.ConvertChecked(MemoryMarshal.Cast<byte, float>(tensor.Values.Span), numbers);      // the usual one, and long
            return numbers;
        }

        var (read, size) = (ReaderOf(tensor), tensor.Datatype.Size);
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = read(tensor.Values.Span[(i * size)..]);
        }

        return numbers;
    }

    /// <summary>Indices of tokens.</summary>
    /// <exception cref="EngineException">It holds no whole numbers, or one that no index can be.</exception>
    public static int[] ToTokens(this Tensor tensor)
    {
        if (!tensor.Datatype.IsInteger)
        {
            throw WrongDatatype(tensor, "whole numbers, such as INT64");
        }

        // Exact: whatever float64 can't hold is no int32 either.
        var numbers = tensor.ToDoubles();
        var beyond = Array.FindIndex(numbers, number => number is < 0 or > int.MaxValue);
        return beyond < 0
            ? Array.ConvertAll(numbers, number => (int)number)
            : throw EngineException.Input(
                $"/{tensor.Name}", $"{tensor.Name}[{beyond}] is {numbers[beyond].ToString(CultureInfo.InvariantCulture)}, which is not in this model's vocabulary.");
    }

    /// <summary>Texts.</summary>
    /// <exception cref="EngineException">It holds no strings of bytes, or some that are not UTF-8.</exception>
    public static string[] ToTexts(this Tensor tensor)
    {
        if (tensor.Datatype != Datatype.Bytes)
        {
            throw WrongDatatype(tensor, "BYTES");
        }

        var texts = new string[tensor.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            try
            {
                texts[i] = Strict.GetString(tensor.Elements[i].Span);
            }
            catch (DecoderFallbackException)
            {
                throw EngineException.Input($"/{tensor.Name}", $"{tensor.Name}[{i}] is not a text in UTF-8.");
            }
        }

        return texts;
    }

    static Read ReaderOf(Tensor tensor) => tensor.Datatype.Name switch
    {
        "FP32" => element => BinaryPrimitives.ReadSingleLittleEndian(element),
        "FP64" => BinaryPrimitives.ReadDoubleLittleEndian,
        "FP16" => element => (double)BinaryPrimitives.ReadHalfLittleEndian(element),
        "BF16" => element => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
        "BOOL" or "UINT8" => element => element[0],
        "UINT16" => element => BinaryPrimitives.ReadUInt16LittleEndian(element),
        "UINT32" => element => BinaryPrimitives.ReadUInt32LittleEndian(element),
        "UINT64" => element => BinaryPrimitives.ReadUInt64LittleEndian(element),
        "INT8" => element => (sbyte)element[0],
        "INT16" => element => BinaryPrimitives.ReadInt16LittleEndian(element),
        "INT32" => element => BinaryPrimitives.ReadInt32LittleEndian(element),
        "INT64" => element => BinaryPrimitives.ReadInt64LittleEndian(element),
        _ => throw WrongDatatype(tensor, "numbers, such as FP32"),
    };

    static EngineException WrongDatatype(Tensor tensor, string expected) => EngineException.Input(
        $"/{tensor.Name}", $"unexpected datatype {tensor.Datatype} of input '{tensor.Name}': it takes {expected}.");
}
