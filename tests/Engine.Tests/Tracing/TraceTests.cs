using System.Text.Json;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests.Tracing;

/// <summary>What a trace shows against the gates that PyTorch computes one by one (<c>training/export_gates.py</c>).</summary>
public sealed class TraceTests
{
    public static TheoryData<string> Cases => [.. Golden.Names().Select(row => row.Data).Where(name => File.Exists(GatesOf(name)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gates_and_states_are_PyTorchs(string name)
    {
        var golden = Golden.Load(name);
        var expected = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, float[][]>>>(File.ReadAllText(GatesOf(name)))!;
        var trace = new LayerTrace((_, _) => true);
        var state = new RecurrentState(golden.Model.Layout);
        var inputs = golden.Inputs;
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            golden.Model.Trace(state, inputs[timestep], trace);
        }

        var parts = expected.SelectMany(layer => layer.Value.Select(part => (layer.Key, Enum.Parse<TracePart>(part.Key, ignoreCase: true), part.Value))).ToList();
        Assert.Equal(parts.Select(part => (part.Key, part.Item2)).Order(), trace.Rows.Keys.Order());
        foreach (var (layer, part, rows) in parts)
        {
            foreach (var (timestep, row) in rows.Index())
            {
                Assert.All(row.Zip(trace.Rows[(layer, part)][timestep]), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void A_traced_timestep_gives_the_bits_of_a_step(string name)
    {
        var golden = Golden.Load(name);
        if (!golden.Model.Traces)
        {
            return;
        }

        var (traced, stepped) = (new RecurrentState(golden.Model.Layout), new RecurrentState(golden.Model.Layout));
        var inputs = golden.Inputs;
        var output = new float[golden.Model.Output.Size];
        for (var timestep = 0; timestep < Math.Min(inputs.Length, 20); timestep++)
        {
            golden.Model.Run([stepped], 1, inputs[timestep], [0], output);

            Assert.Equal(output, golden.Model.Trace(traced, inputs[timestep], new LayerTrace((_, part) => part == TracePart.Forget)));
            Assert.Equal(stepped.Values.ToArray(), traced.Values.ToArray());
            Assert.Equal(stepped.Step, traced.Step);
        }
    }

    static string GatesOf(string name) => Path.Combine(Golden.FolderOf(name), "gates.json");
}
