using BenchmarkDotNet.Attributes;
using Rnn.Engine.Numerics;

namespace Rnn.Bench.Kernels;

/// <summary>The recurrent product of an LSTM layer: [B, H] times the weights of four gates.</summary>
public class ProductBenchmark
{
    PackedMatrix _weights = null!;
    float[] _x = [];
    float[] _z = [];

    [Params(Precision.Float32, Precision.Bf16, Precision.Int8)]
    public Precision Precision { get; set; }

    [Params(128, 512)]
    public int Hidden { get; set; }

    [Params(1, 8, 32)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _weights = PackedMatrix.Of(Precision, 4 * Hidden, Hidden, RandomFloats.Of(4 * Hidden * Hidden), gates: 4);
        _x = RandomFloats.Of(Batch * Hidden);
        _z = new float[Batch * _weights.PackedSize];
    }

    [Benchmark]
    public void MultiplyAdd() => _weights.MultiplyAdd(Batch, _x, _z);
}
