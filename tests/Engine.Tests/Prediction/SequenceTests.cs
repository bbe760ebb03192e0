using Rnn.Engine.Codecs;
using Rnn.Engine.Prediction;

namespace Rnn.Engine.Tests.Prediction;

public sealed class SequenceTests
{
    readonly TestEngine _test = new();

    [Fact]
    public async Task A_sequence_is_its_steps_bit_for_bit()
    {
        var inputs = Golden.Load(TestEngine.Features).Recorded.Inputs!;
        var steps = await _test.NewSessionAsync(TestEngine.Features);
        var sequence = await _test.NewSessionAsync(TestEngine.Features);

        var (all, _) = await _test.RunAsync(new() { Session = sequence, Input = new() { Values = inputs }, Readout = Readout.All });
        var (last, _) = await _test.RunAsync(new() { Model = TestEngine.Features, Input = new() { Values = inputs } });

        Assert.Equal(inputs.Length, all.Count);
        foreach (var (input, expected) in inputs.Zip(all))
        {
            var (step, _) = await _test.RunAsync(new() { Session = steps, Input = new() { Vector = input }, IsSingleStep = true });
            Assert.Equal(Values(expected), Values(step.Single()));
            Assert.Equal(expected.Step, step.Single().Step);
        }

        Assert.Equal(Values(all[^1]), Values(last.Single()));
        Assert.Equal(await _test.StateAsync(steps), await _test.StateAsync(sequence));
    }

    [Fact]
    public async Task A_stateless_call_goes_on_from_the_state_it_is_given()
    {
        var (whole, _) = await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "abcd" } });
        var (_, first) = await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "ab" } });
        var (second, run) = await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "cd" }, From = _ => first.State });

        Assert.Equal(((Distribution)whole.Single().Output).Candidates, ((Distribution)second.Single().Output).Candidates);
        Assert.Equal(4, run.State.Step);
        Assert.Equal(2, first.State.Step);
    }

    [Fact]
    public async Task A_run_that_is_not_committed_never_happened()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        using (var run = await _test.Engine.StartAsync(new() { Session = session, Input = new() { Text = "abc" } }, TestContext.Current.CancellationToken))
        {
            Assert.NotEmpty(await run.RunAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, await _test.StepAsync(session));
        Assert.All(await _test.StateAsync(session), value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task A_call_that_is_refused_lets_the_next_one_in()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);

        Assert.Equal("/values", (await FailAsync(new() { Session = session, Input = new() { Vector = [1] } })).Pointer);

        Assert.Single((await _test.RunAsync(new() { Session = session, Input = new() { Text = "a" } })).Timesteps);
    }

    [Fact]
    public async Task A_step_takes_exactly_one_timestep()
    {
        Assert.Contains("exactly one", (await FailAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "ab" }, IsSingleStep = true })).Message, StringComparison.Ordinal);
        Assert.Contains("exactly one", (await FailAsync(new() { Model = TestEngine.Characters, IsSingleStep = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sequence_longer_than_the_limit_is_refused_and_one_as_long_is_not()
    {
        var test = new TestEngine(limits: new() { MaxTimesteps = 5 });

        Assert.Single((await test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "abcde" } })).Timesteps);
        var exception = await Assert.ThrowsAsync<EngineException>(() => test.Engine.StartAsync(
            new() { Model = TestEngine.Characters, Input = new() { Text = "abcdef" } }, TestContext.Current.CancellationToken));
        Assert.Equal("/text", exception.Pointer);
    }

    [Fact]
    public async Task A_model_or_version_that_is_not_loaded_is_told()
    {
        Assert.Equal(ErrorKind.ModelNotFound, (await FailAsync(new() { Model = "none", Input = new() { Text = "a" } })).Kind);
        Assert.Equal(ErrorKind.ModelNotFound, (await FailAsync(new() { Model = TestEngine.Characters, Version = 2, Input = new() { Text = "a" } })).Kind);
    }

    static float[] Values(Timestep timestep) => ((ValueVector)timestep.Output).Values;

    async Task<EngineException> FailAsync(InferenceRequest request) =>
        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(request, TestContext.Current.CancellationToken));
}
