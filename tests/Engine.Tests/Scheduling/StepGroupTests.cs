using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Tests.Scheduling;

public sealed class StepGroupTests
{
    readonly RecurrentModel _model = Golden.Load(TestEngine.Characters).Model;

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_goes_ahead_until_all_members_wait_and_each_gets_what_it_would_get_alone()
    {
        var group = new StepGroup(new StepBatcher(_model, new()));
        group.Gather(3);

        var (first, second) = (RunAsync(group, 1), RunAsync(group, 2));
        Assert.False(first.IsCompleted || second.IsCompleted);
        var third = RunAsync(group, 3);

        Assert.Equal([Alone(1), Alone(2), Alone(3)], await Task.WhenAll(first, second, third));
    }

    [Fact]
    public async Task Who_has_left_is_not_waited_for()
    {
        var group = new StepGroup(new StepBatcher(_model, new()));
        group.Gather(3);
        group.Leave();

        var first = RunAsync(group, 1);
        Assert.False(first.IsCompleted);
        group.Leave();

        Assert.Equal(Alone(1), await first);
    }

    [Fact]
    public async Task More_members_than_a_batch_holds_are_run_in_several()
    {
        var group = new StepGroup(new StepBatcher(_model, new() { MaxBatchSize = 3 }));
        group.Gather(10);

        var states = await Task.WhenAll(Enumerable.Range(0, 10).Select(token => RunAsync(group, token)));

        Assert.Equal(Enumerable.Range(0, 10).Select(Alone), states);
    }

    [Fact]
    public async Task All_members_are_told_when_too_many_calls_are_waiting()
    {
        var batcher = new StepBatcher(_model, new() { QueueLimit = 1 });
        var other = new BatchJob(new RecurrentState(_model.Layout), new InputSequence(new[] { 1 }), default, Aborted);
        Assert.True(batcher.Enqueue(other));
        var group = new StepGroup(batcher);
        group.Gather(2);

        var members = new[] { RunAsync(group, 1), RunAsync(group, 2) };

        foreach (var member in members)
        {
            Assert.Equal(ErrorKind.Overloaded, (await Assert.ThrowsAsync<EngineException>(() => member)).Kind);
        }

        batcher.RunTick();
        await other.Task;
    }

    async Task<float[]> RunAsync(StepGroup group, int token)
    {
        var state = new RecurrentState(_model.Layout);
        await group.RunAsync(state, new InputSequence(new[] { token }), new float[_model.Output.Size], Aborted);
        return state.Values.ToArray();
    }

    float[] Alone(int token)
    {
        var state = new RecurrentState(_model.Layout);
        _model.Step([state], StepInput.Of([token]));
        return state.Values.ToArray();
    }
}
