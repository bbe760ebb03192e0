using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Rnn.Api.Tests.OpenInference.Grpc.Stock;

namespace Rnn.Api.Tests.OpenInference.Grpc;

/// <summary>Requests as stock clients build them.</summary>
static class Infer
{
    /// <summary>Values for the bundled monitor, which reads one number each timestep.</summary>
    public static ModelInferRequest Monitor(params float[] values) => new()
    {
        ModelName = "monitor",
        Inputs = { Input("input", "FP32", 1, values.Length, 1) },
        RawInputContents = { Raw(values) },
    };

    public static ModelInferRequest.Types.InferInputTensor Input(string name, string datatype, params long[] shape) =>
        new() { Name = name, Datatype = datatype, Shape = { shape } };

    public static ModelInferRequest With(this ModelInferRequest request, string name, object value)
    {
        request.Parameters[name] = value switch
        {
            bool flag => new InferParameter { BoolParam = flag },
            long number => new InferParameter { Int64Param = number },
            ulong number => new InferParameter { Uint64Param = number },
            double number => new InferParameter { DoubleParam = number },
            _ => new InferParameter { StringParam = (string)value },
        };
        return request;
    }

    public static ByteString Raw<T>(params T[] values)
        where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values));

    public static ByteString RawTexts(params string[] texts)
    {
        var bytes = new List<byte>();
        foreach (var text in texts.Select(Encoding.UTF8.GetBytes))
        {
            var length = new byte[sizeof(uint)];
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            bytes.AddRange([.. length, .. text]);
        }

        return ByteString.CopyFrom([.. bytes]);
    }

    public static float[] Floats(this ModelInferResponse response, string output)
    {
        var index = response.Outputs.Select(tensor => tensor.Name).ToList().IndexOf(output);
        Assert.Equal("FP32", response.Outputs[index].Datatype);
        return MemoryMarshal.Cast<byte, float>(response.RawOutputContents[index].Span).ToArray();
    }

    public static long[] ShapeOf(this ModelInferResponse response, string output) => [.. response.Outputs.Single(tensor => tensor.Name == output).Shape];
}
