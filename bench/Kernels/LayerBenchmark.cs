using BenchmarkDotNet.Attributes;
using Rnn.Engine.Layers;
using Rnn.Engine.Numerics;

namespace Rnn.Bench.Kernels;

/// <summary>One timestep of each recurrent layer, its input product done: the recurrent product and the cell.</summary>
public class LayerBenchmark
{
    const int Hidden = 256;

    RecurrentLayer _elman = null!;
    RecurrentLayer _lstm = null!;
    RecurrentLayer _gru = null!;
    RecurrentLayer _resetBefore = null!;
    RecurrentLayer _lstmVariant = null!;
    RecurrentLayer _gruVariant = null!;
    float[] _z = [];
    float[] _state = [];
    float[] _scratch = [];

    [Params(1, 32)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _elman = new ElmanLayer("elman", Weights(1), Weights(1), RandomFloats.Of(Hidden), Activation.Tanh);
        _lstm = new LstmLayer("lstm", Weights(4), Weights(4), RandomFloats.Of(4 * Hidden));
        _gru = new GruLayer("gru", Weights(3), Weights(3), RandomFloats.Of(3 * Hidden), RandomFloats.Of(3 * Hidden));
        _resetBefore = new GruVariantLayer(
            "gru", Plain(3), Plain(2), Plain(1), RandomFloats.Of(3 * Hidden), RandomFloats.Of(3 * Hidden), new GruForm { ResetAfter = false });
        _lstmVariant = new LstmVariantLayer(
            "lstm", Plain(4), Plain(4), RandomFloats.Of(4 * Hidden), new LstmForm { RecurrentActivation = new(ActivationKind.HardSigmoid) });
        _gruVariant = new GruVariantLayer(
            "gru", Plain(3), Plain(2), Plain(1), RandomFloats.Of(3 * Hidden), RandomFloats.Of(3 * Hidden),
            new GruForm { RecurrentActivation = new(ActivationKind.HardSigmoid) });
        _z = new float[Batch * 4 * Hidden];
        _state = new float[Batch * 2 * Hidden];
        _scratch = new float[Batch * 4 * Hidden];
    }

    [Benchmark]
    public void Elman() => Advance(_elman);

    [Benchmark]
    public void Lstm() => Advance(_lstm);

    [Benchmark]
    public void Gru() => Advance(_gru);

    [Benchmark]
    public void GruWithResetBefore() => Advance(_resetBefore);

    [Benchmark]
    public void LstmWithHardSigmoid() => Advance(_lstmVariant);

    [Benchmark]
    public void GruWithHardSigmoid() => Advance(_gruVariant);

    void Advance(RecurrentLayer layer)
    {
        Array.Fill(_z, 0.1f);                              // the sums are made in place and would grow from call to call
        layer.Advance(Batch, _z, _state, _scratch);
    }

    static PackedMatrix Plain(int gates) =>
        PackedMatrix.Of(Precision.Float32, gates * Hidden, Hidden, RandomFloats.Of(gates * Hidden * Hidden));

    static PackedMatrix Weights(int gates) =>
        PackedMatrix.Of(Precision.Float32, gates * Hidden, Hidden, RandomFloats.Of(gates * Hidden * Hidden), gates);
}
