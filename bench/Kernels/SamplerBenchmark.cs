using BenchmarkDotNet.Attributes;
using Rnn.Engine.Numerics;
using Rnn.Engine.Sampling;

namespace Rnn.Bench.Kernels;

/// <summary>What drawing a token costs beside the step that gave its distribution.</summary>
public class SamplerBenchmark
{
    readonly Sampler _plain = new(new() { Temperature = 0.7, Seed = 1 });
    readonly Sampler _nucleus = new(new() { Temperature = 0.7, TopP = 0.9, Seed = 1 });
    readonly Sampler _minP = new(new() { Temperature = 0.7, MinP = 0.05, Seed = 1 });
    readonly Sampler _typical = new(new() { Temperature = 0.7, TypicalP = 0.9, Seed = 1 });
    float[] _probabilities = [];

    [Params(96, 8_192)]
    public int Vocabulary { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _probabilities = RandomFloats.Of(Vocabulary);
        Activation.SoftmaxOf(_probabilities, _probabilities);
    }

    [Benchmark]
    public int Plain() => _plain.Sample(_probabilities);

    [Benchmark]
    public int TopP() => _nucleus.Sample(_probabilities);

    [Benchmark]
    public int MinP() => _minP.Sample(_probabilities);

    [Benchmark]
    public int TypicalP() => _typical.Sample(_probabilities);
}
