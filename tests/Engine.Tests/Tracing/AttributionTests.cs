using System.Numerics.Tensors;
using System.Text.Json;
using Rnn.Engine.Layers;
using Rnn.Engine.Numerics;

namespace Rnn.Engine.Tests.Tracing;

/// <summary>Gradients of outputs with respect to inputs against PyTorch's autograd (<c>training/export_gradients.py</c>) and finite differences.</summary>
public sealed class AttributionTests
{
    public static TheoryData<string> Cases => [.. Golden.Names().Select(row => row.Data).Where(name => File.Exists(GradientsOf(name)))];

    public static TheoryData<ActivationKind> Activations => [.. Enum.GetValues<ActivationKind>()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_are_PyTorchs(string name)
    {
        var golden = Golden.Load(name);
        var expected = JsonSerializer.Deserialize<Gradients>(File.ReadAllText(GradientsOf(name)), JsonSerializerOptions.Web)!;

        var attribution = golden.Model.Attribute(new RecurrentState(golden.Model.Layout), Vectors(golden), output: null);

        Assert.Equal(expected.Output, attribution.Output);
        Assert.Equal(expected.Rows.Length, attribution.Gradients.Count);
        foreach (var (told, row) in attribution.Gradients.Zip(expected.Rows))
        {
            Assert.All(told.Zip(row), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
        }
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("lstm-3-layers")]
    [InlineData("gru-2-layers")]
    [InlineData("elman-tanh")]
    [InlineData("features-scaling")]
    public void Gradients_are_what_finite_differences_come_to(string name)
    {
        const float Step = 0.01f;
        var golden = Golden.Load(name);
        var (model, inputs) = (golden.Model, Vectors(golden));
        var begin = new RecurrentState(model.Layout);
        var gradients = model.Attribute(begin, inputs, output: 0).Gradients;

        var largest = gradients.Max(gradient => TensorPrimitives.MaxMagnitude<float>(gradient));
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            for (var column = 0; column < inputs[timestep].Length; column++)
            {
                var difference = (OutputWith(Step) - OutputWith(-Step)) / (2 * Step);
                Assert.Equal(difference, gradients[timestep][column], MathF.Abs(largest) * 2e-3f + 1e-5f);

                float OutputWith(float change)
                {
                    float[] all = [.. inputs.SelectMany(vector => vector)];
                    all[timestep * inputs[0].Length + column] += change;
                    var output = new float[model.Output.Size];
                    model.Run([begin.Copy()], inputs.Length, StepInput.Of(all), [inputs.Length - 1], output);
                    return output[0];
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activations_have_the_slope_that_they_have(ActivationKind kind)
    {
        const float Step = 1e-3f;
        float[] x = [-2.3f, -0.7f, -0.2f, 0.3f, 0.9f, 2.1f];
        float[] weights = [0.3f, -1, 0.5f, 2, -0.4f, 1];
        var layer = new ActivationLayer(x.Length, new Activation(kind));

        var gradient = layer.Differentiate(x, []).Back(weights, []);

        for (var i = 0; i < x.Length; i++)
        {
            var difference = (Along(i, Step) - Along(i, -Step)) / (2 * Step);
            Assert.Equal(difference, gradient[i], 2e-3f);
        }

        float Along(int i, float change)
        {
            float[] moved = [.. x];
            moved[i] += change;
            return TensorPrimitives.Dot<float>(layer.Differentiate(moved, []).Output, weights);
        }
    }

    [Fact]
    public void Normalising_layers_have_the_slope_that_they_have()
    {
        const float Step = 1e-2f;
        float[] x = [-2.3f, 0.7f, 0.2f, 1.3f];
        float[] weights = [0.3f, -1, 0.5f, 2];
        Layer[] layers = [new LayerNormLayer([1, 2, -1, 0.5f], [0, 1, 2, 3], 1e-5f), new AffineLayer([1, 2, -1, 0.5f], [0, 1, 2, 3])];
        foreach (var layer in layers)
        {
            var gradient = layer.Differentiate(x, []).Back(weights, []);
            for (var i = 0; i < x.Length; i++)
            {
                Assert.Equal((Along(i, Step) - Along(i, -Step)) / (2 * Step), gradient[i], 2e-3f);
            }

            float Along(int i, float change)
            {
                float[] moved = [.. x];
                moved[i] += change;
                return TensorPrimitives.Dot<float>(layer.Differentiate(moved, []).Output, weights);
            }
        }
    }

    [Theory]
    [InlineData(Precision.Float32, 0)]
    [InlineData(Precision.Bf16, 0.01)]
    [InlineData(Precision.Int8, 0.02)]
    public void A_transposed_product_is_the_product_with_the_transpose(Precision precision, double tolerance)
    {
        const int Rows = 3 * 37;
        const int Columns = 29;
        var random = new Random(5);
        float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextSingle() - 0.5f)];
        float[] d = [.. Enumerable.Range(0, Rows).Select(_ => random.NextSingle() - 0.5f)];
        var matrix = PackedMatrix.Of(precision, Rows, Columns, weights, gates: 3);
        var dx = new float[Columns];

        matrix.MultiplyTransposedAdd(matrix.Pack(d), dx);

        for (var column = 0; column < Columns; column++)
        {
            var expected = Enumerable.Range(0, Rows).Sum(row => (double)weights[row * Columns + column] * d[row]);
            Assert.Equal(expected, dx[column], tolerance + 1e-5);
        }
    }

    static float[][] Vectors(Golden golden) => [.. Enumerable.Range(0, golden.Inputs.Length).Select(timestep => golden.Model.VectorOf(golden.Inputs[timestep]))];

    static string GradientsOf(string name) => Path.Combine(Golden.FolderOf(name), "gradients.json");

    sealed record Gradients(int Output, [property: System.Text.Json.Serialization.JsonPropertyName("gradients")] float[][] Rows);
}
