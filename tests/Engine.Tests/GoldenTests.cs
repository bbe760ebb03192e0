using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests;

public sealed class GoldenTests
{
    // float32 against PyTorch's float32: both round, and up to 1000 steps add up.
    const float Tolerance = 1e-5f;

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void Outputs_and_state_are_PyTorchs(string name)
    {
        var golden = Golden.Load(name);
        var (model, inputs) = (golden.Model, golden.Inputs);
        var state = new RecurrentState(model.Layout);
        var outputs = new List<float[]>();

        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            model.Step([state], inputs[timestep]);
            outputs.Add(model.Output.Values(model.Read(state)));
        }

        Assert.Equal(inputs.Length, state.Step);
        foreach (var (expected, actual) in golden.Recorded.Outputs.Zip(outputs.TakeLast(golden.Recorded.Outputs.Length)))
        {
            AssertClose(expected, actual);
        }

        var offset = 0;
        foreach (var part in model.Layout.Parts.Where(part => part.Kind != StateKind.Statistics))        // a step leaves the monitor alone
        {
            var expected = golden.Recorded.State[part.Layer];
            AssertClose((part.Kind == StateKind.Hidden ? expected.Hidden : expected.Cell)!, state.Values.Slice(offset, part.Size));
            offset += part.Size;
        }
    }

    [Fact]
    public void There_is_a_fixture_for_every_kind_of_layer_and_number()
    {
        var names = Golden.Names().Select(row => row.Data).ToList();

        Assert.Superset(
            new HashSet<string>
            {
                "elman-tanh", "elman-relu", "lstm", "lstm-no-bias", "lstm-3-layers", "lstm-stacked-sizes", "gru", "gru-2-layers",
                "gru-reset-before", "lstm-1000-steps", "lstm-f16", "lstm-bf16", "lstm-f64", "one-hot", "features-scaling",
            },
            names.ToHashSet());
    }

    [Fact]
    public void The_two_variants_of_the_GRU_differ()
    {
        var before = Golden.Load("gru-reset-before");
        var folder = new ModelFolder(Golden.FolderOf("gru-reset-before"));
        folder.Edit("\"resetAfter\": false", "\"resetAfter\": true");

        var exception = Assert.Throws<EngineException>(folder.Load);

        Assert.NotEmpty(before.Recorded.Outputs);
        Assert.Contains("examples[0]", exception.Message, StringComparison.Ordinal);
    }

    static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= Tolerance * (1 + Math.Abs(expected[i])),
                $"[{i}]: PyTorch gave {expected[i]}, this gave {actual[i]}.");
        }
    }
}
