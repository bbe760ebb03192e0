using Rnn.Engine.Formats;
using Rnn.Engine.Manifests;
using Rnn.Engine.Numerics;
using Rnn.Engine.Tests.Formats;
using Rnn.Engine.Weights;

namespace Rnn.Engine.Tests.Layers;

/// <summary>What other frameworks can vary, against plain loops over doubles.</summary>
public sealed class VariantLayerTests
{
    const int Inputs = 5;
    const int Hidden = 19;              // one vector and a rest
    const int Timesteps = 7;
    const double Tolerance = 2e-6;

    static readonly Activation[] Gates = [Activation.Sigmoid, new(ActivationKind.HardSigmoid), new(ActivationKind.HardSigmoid, 1 / 6f)];
    static readonly Activation[] Others = [Activation.Tanh, Activation.Relu, new(ActivationKind.Softsign), new(ActivationKind.Elu, 0.5f)];

    static IEnumerable<int> Seeds => Enumerable.Range(0, 60);

    [Fact]
    public void An_LSTM_of_any_form_is_its_equations()
    {
        foreach (var seed in Seeds)
        {
            var random = new Random(seed);
            var projected = random.Next(2) * 6;
            var manifest = new LstmManifest
            {
                Name = "lstm",
                HiddenSize = Hidden,
                Bias = random.Next(2) == 0,
                ProjectionSize = projected,
                Peepholes = random.Next(2) == 0,
                InputForget = random.Next(3) == 0,
                Clip = random.Next(3) == 0 ? 0.3f : 0,
                RecurrentActivation = Gates[random.Next(Gates.Length)],
                Activation = Others[random.Next(Others.Length)],
                OutputActivation = Others[random.Next(Others.Length)],
            };
            var width = projected > 0 ? projected : Hidden;
            var (wIh, wHh) = (Weights(random, 4 * Hidden * Inputs), Weights(random, 4 * Hidden * width));
            var biases = manifest.Bias ? (Weights(random, 4 * Hidden), Weights(random, 4 * Hidden)) : ([], []);
            float[] p = manifest.Peepholes ? Weights(random, 3 * Hidden) : [];
            float[] wHr = projected > 0 ? Weights(random, projected * Hidden) : [];
            var file = FileOf(manifest, 4, wIh, wHh, width, biases, [
                .. p.Length > 0 ? [new Tensor("lstm.weight_ch_l0", [3 * Hidden], p)] : Array.Empty<Tensor>(),
                .. projected > 0 ? [new Tensor("lstm.weight_hr_l0", [projected, Hidden], wHr)] : Array.Empty<Tensor>()]);
            var inputs = InputsOf(random);

            var outputs = Reading.Run(file, inputs);

            var (h, c) = (new double[width], new double[Hidden]);
            foreach (var (x, output) in inputs.Zip(outputs))
            {
                PlainCells.Lstm(
                    Projected(wIh, x, biases), ref h, ref c, wHh, p, wHr, manifest.InputForget, manifest.Clip,
                    manifest.RecurrentActivation, manifest.Activation, manifest.OutputActivation!.Value);
                AssertClose(h, output, $"seed {seed}: {manifest}");
            }
        }
    }

    [Fact]
    public void A_GRU_of_any_form_is_its_equations()
    {
        foreach (var seed in Seeds)
        {
            var random = new Random(seed);
            var manifest = new GruManifest
            {
                Name = "gru",
                HiddenSize = Hidden,
                Bias = random.Next(2) == 0,
                ResetAfter = random.Next(2) == 0,
                Clip = random.Next(3) == 0 ? 0.3f : 0,
                RecurrentActivation = Gates[random.Next(Gates.Length)],
                Activation = Others[random.Next(Others.Length)],
            };
            var (wIh, wHh) = (Weights(random, 3 * Hidden * Inputs), Weights(random, 3 * Hidden * Hidden));
            var biases = manifest.Bias ? (Weights(random, 3 * Hidden), Weights(random, 3 * Hidden)) : ([], []);
            var file = FileOf(manifest, 3, wIh, wHh, Hidden, biases, []);
            var inputs = InputsOf(random);

            var outputs = Reading.Run(file, inputs);

            var h = new double[Hidden];
            foreach (var (x, output) in inputs.Zip(outputs))
            {
                var z = Projected(wIh, x, (biases.Item1, []));
                h = PlainCells.Gru(z, h, wHh, biases.Item2, manifest.ResetAfter, manifest.Clip, manifest.RecurrentActivation, manifest.Activation);
                AssertClose(h, output, $"seed {seed}: {manifest}");
            }
        }
    }

    [Theory]
    [InlineData(ActivationKind.Softsign, 0)]
    [InlineData(ActivationKind.HardSigmoid, 0.4f)]
    [InlineData(ActivationKind.Tanh, 0.2f)]
    [InlineData(ActivationKind.None, 0.2f)]
    public void An_Elman_layer_has_any_function_and_a_clip(ActivationKind kind, float clip)
    {
        var random = new Random(1);
        var manifest = new ElmanManifest { Name = "rnn", HiddenSize = Hidden, Activation = new(kind), Clip = clip };
        var (wIh, wHh) = (Weights(random, Hidden * Inputs), Weights(random, Hidden * Hidden));
        var biases = (Weights(random, Hidden), Weights(random, Hidden));
        var inputs = InputsOf(random);

        var outputs = Reading.Run(FileOf(manifest, 1, wIh, wHh, Hidden, biases, []), inputs);

        var h = new double[Hidden];
        foreach (var (x, output) in inputs.Zip(outputs))
        {
            h = [.. Projected(wIh, x, biases).Zip(PlainCells.Product(wHh, h), (a, b) => PlainCells.Apply(manifest.Activation, PlainCells.Clip(a + b, clip)))];
            AssertClose(h, output, manifest.ToString());
        }
    }

    static ModelFile FileOf(
        RecurrentManifest manifest, int gates, float[] wIh, float[] wHh, int recurrent, (float[] Ih, float[] Hh) biases, Tensor[] others) => new()
        {
            Format = "test",
            Layers = [manifest],
            Tensors =
            [
                new($"{manifest.Name}.weight_ih_l0", [gates * Hidden, Inputs], wIh),
                new($"{manifest.Name}.weight_hh_l0", [gates * Hidden, recurrent], wHh),
                .. manifest.Bias
                    ? [new($"{manifest.Name}.bias_ih_l0", [gates * Hidden], biases.Ih), new($"{manifest.Name}.bias_hh_l0", [gates * Hidden], biases.Hh)]
                    : Array.Empty<Tensor>(),
                .. others,
            ],
        };

    static double[] Projected(float[] wIh, float[] x, (float[] Ih, float[] Hh) biases)
    {
        double Bias(float[] values, int row) => values.Length > 0 ? values[row] : 0;
        return [.. PlainCells.Product(wIh, [.. x.Select(value => (double)value)]).Select((sum, row) => sum + Bias(biases.Ih, row) + Bias(biases.Hh, row))];
    }

    static float[] Weights(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

    static float[][] InputsOf(Random random) => [.. Enumerable.Range(0, Timesteps).Select(_ => Weights(random, Inputs))];

    static void AssertClose(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.True(Math.Abs(e - a) <= Tolerance * (1 + Math.Abs(e)), $"{what}: {a}, not {e}");
        }
    }
}
