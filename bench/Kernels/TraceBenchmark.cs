using BenchmarkDotNet.Attributes;
using Rnn.Engine.Layers;
using Rnn.Engine.Numerics;

namespace Rnn.Bench.Kernels;

/// <summary>What it costs to look into a timestep.</summary>
public class TraceBenchmark
{
    Layer _layer = null!;
    float[] _x = [];
    float[] _state = [];
    float[] _scratch = [];

    [Params("lstm", "gru")]
    public string Kind { get; set; } = "";

    [Params(64, 256, 512)]
    public int Hidden { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        PackedMatrix Weights(int gates) =>
            PackedMatrix.Of(Precision.Float32, gates * Hidden, Hidden, RandomFloats.Of(gates * Hidden * Hidden), gates);
        _layer = Kind == "lstm"
            ? new LstmLayer("lstm", Weights(4), Weights(4), RandomFloats.Of(4 * Hidden))
            : new GruLayer("gru", Weights(3), Weights(3), RandomFloats.Of(3 * Hidden), RandomFloats.Of(3 * Hidden));
        _x = RandomFloats.Of(Hidden);
        _state = new float[_layer.StateParts.Sum(part => part.Size)];
        _scratch = new float[_layer.ScratchSize];
    }

    [Benchmark(Baseline = true)]
    public float Step() => _layer.Run(1, 1, _x, _state, _scratch)[0];

    [Benchmark]
    public float Traced() => _layer.Trace(_x, _state, _scratch, new LayerTrace((_, _) => true))[0];

    [Benchmark]
    public float TracedForget() => _layer.Trace(_x, _state, _scratch, new LayerTrace((_, part) => part is TracePart.Forget or TracePart.Update))[0];
}
