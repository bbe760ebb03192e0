using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;

namespace Rnn.Engine.Tests.Models;

public sealed class RecurrentModelTests
{
    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void A_batch_is_its_rows_alone_bit_for_bit(string name)
    {
        var golden = Golden.Load(name);
        var (model, inputs) = (golden.Model, golden.Inputs);
        const int Rows = 5;

        // Each row begins elsewhere in the recorded inputs, so that no two hold the same state.
        var alone = Enumerable.Range(0, Rows).Select(_ => new RecurrentState(model.Layout)).ToArray();
        var together = alone.Select(state => state.Copy()).ToArray();
        for (var timestep = 0; timestep + Rows <= Math.Min(inputs.Length, 20); timestep++)
        {
            for (var row = 0; row < Rows; row++)
            {
                model.Step([alone[row]], inputs[timestep + row]);
            }

            model.Step(together, Slice(inputs, timestep, Rows));
        }

        for (var row = 0; row < Rows; row++)
        {
            Assert.Equal(alone[row].Values, together[row].Values);
            Assert.Equal(alone[row].Step, together[row].Step);
            Assert.Equal(model.Read(alone[row]), model.Read(together[row]));
        }

        Assert.NotEqual(alone[0].Values.ToArray(), alone[1].Values.ToArray());
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void A_state_sent_through_its_bytes_goes_on_identically(string name)
    {
        var golden = Golden.Load(name);
        var (model, inputs) = (golden.Model, golden.Inputs);
        var state = new RecurrentState(model.Layout);
        for (var timestep = 0; timestep < inputs.Length / 2; timestep++)
        {
            model.Step([state], inputs[timestep]);
        }

        var copy = StateCodec.Decode(model.Layout, StateCodec.Encode(state));
        for (var timestep = inputs.Length / 2; timestep < inputs.Length; timestep++)
        {
            model.Step([state], inputs[timestep]);
            model.Step([copy], inputs[timestep]);
        }

        Assert.Equal(state.Values, copy.Values);
        Assert.Equal(inputs.Length, copy.Step);
    }

    [Fact]
    public void Reading_does_not_change_the_state()
    {
        var golden = Golden.Load("lstm-3-layers");
        var state = new RecurrentState(golden.Model.Layout);
        golden.Model.Step([state], golden.Inputs[0]);
        var before = state.Copy();

        var first = golden.Model.Read(state);

        Assert.Equal(first, golden.Model.Read(state));
        Assert.Equal(before.Values, state.Values);
    }

    [Fact]
    public void An_output_out_of_the_range_of_float32_is_refused_not_told()
    {
        using var folder = new ModelFolder(
            """
            {
              "format": 1,
              "input": { "kind": "features", "features": [{ "name": "x" }] },
              "layers": [{ "kind": "elman", "name": "rnn", "hiddenSize": 1, "bias": false, "activation": "relu" }],
              "output": { "kind": "values", "values": [{ "name": "y" }] }
            }
            """,
            ("rnn.weight_ih_l0", [1, 1], [1]), ("rnn.weight_hh_l0", [1, 1], [1e30f]));
        var model = folder.Load();
        var state = new RecurrentState(model.Layout);
        var input = model.Input.Encode(new ModelInput { Vector = [1] });
        for (var i = 0; i < 3; i++)
        {
            model.Step([state], input[0]);
        }

        var exception = Assert.Throws<EngineException>(() => model.Read(state));

        Assert.Equal(ErrorKind.InvalidInput, exception.Kind);
    }

    static StepInput Slice(InputSequence inputs, int start, int count)
    {
        var tokens = new List<int>();
        var vectors = new List<float>();
        for (var row = 0; row < count; row++)
        {
            tokens.AddRange(inputs[start + row].Tokens);
            vectors.AddRange(inputs[start + row].Vectors);
        }

        return vectors.Count > 0 ? StepInput.Of(vectors.ToArray()) : StepInput.Of(tokens.ToArray());
    }
}
