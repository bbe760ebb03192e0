using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Scheduling;

namespace Rnn.Engine.Tests.Scheduling;

public sealed class StepBatcherTests
{
    readonly Golden _golden = Golden.Load("lstm");

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public void A_caller_alone_is_served_at_once_on_its_own_thread()
    {
        var batcher = new StepBatcher(_golden.Model, new());
        var state = NewState();

        Assert.True(batcher.StepAsync(state, Input(0), Aborted).IsCompletedSuccessfully);
        Assert.Equal(1, state.Step);
    }

    [Fact]
    public void What_waits_while_a_tick_runs_is_one_batch_of_the_next()
    {
        var batcher = new StepBatcher(_golden.Model, new());
        var states = Enumerable.Range(0, 5).Select(_ => NewState()).ToArray();
        var steps = states.Select((state, row) =>
        {
            var step = batcher.Enqueue(state, Input(row), Aborted, out var isFirst);
            Assert.Equal(row == 0, isFirst);
            return step;
        }).ToArray();

        batcher.Tick();

        Assert.All(steps, step => Assert.True(step.IsCompletedSuccessfully));
        foreach (var (row, state) in states.Index())
        {
            Assert.Equal(Alone(row, 1).Values, state.Values);
        }
    }

    [Fact]
    public async Task Many_callers_at_once_each_get_what_they_would_get_alone()
    {
        const int Callers = 40;
        const int Steps = 100;
        var batcher = new StepBatcher(_golden.Model, new() { MaxBatchSize = 7 });
        var states = Enumerable.Range(0, Callers).Select(_ => NewState()).ToArray();

        await Task.WhenAll(states.Select((state, caller) => Task.Run(
            async () =>
            {
                for (var step = 0; step < Steps; step++)
                {
                    await batcher.StepAsync(state, Input(caller + step), Aborted);
                }
            },
            Aborted)));

        foreach (var (caller, state) in states.Index())
        {
            Assert.Equal(Alone(caller, Steps).Values, state.Values);
        }
    }

    [Fact]
    public void A_caller_who_leaves_while_waiting_is_not_stepped()
    {
        using var leave = new CancellationTokenSource();
        var batcher = new StepBatcher(_golden.Model, new());
        var (first, gone) = (NewState(), NewState());
        var served = batcher.Enqueue(first, Input(0), Aborted, out _);
        var left = batcher.Enqueue(gone, Input(1), leave.Token, out _);

        leave.Cancel();
        batcher.Tick();

        Assert.True(served.IsCompletedSuccessfully);
        Assert.True(left.IsCanceled);
        Assert.Equal(0, gone.Step);
        Assert.True(batcher.StepAsync(gone, Input(1), Aborted).IsCompletedSuccessfully);
    }

    [Fact]
    public void A_full_queue_refuses_and_takes_again_when_there_is_room()
    {
        var batcher = new StepBatcher(_golden.Model, new() { QueueLimit = 2 });
        batcher.Enqueue(NewState(), Input(0), Aborted, out _);
        batcher.Enqueue(NewState(), Input(1), Aborted, out _);
        var state = NewState();

        var exception = Assert.Throws<EngineException>(() => { _ = batcher.StepAsync(state, Input(2), Aborted); });
        Assert.Equal(ErrorKind.Overloaded, exception.Kind);
        Assert.Equal(0, state.Step);

        batcher.Tick();
        Assert.True(batcher.StepAsync(state, Input(2), Aborted).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_tick_that_fails_is_told_to_its_callers_and_the_next_one_runs()
    {
        var batcher = new StepBatcher(_golden.Model, new());
        var tooShort = new InputSequence([1f, 2f], width: 2);

        await Assert.ThrowsAnyAsync<Exception>(() => batcher.StepAsync(NewState(), tooShort, Aborted));

        Assert.True(batcher.StepAsync(NewState(), Input(0), Aborted).IsCompletedSuccessfully);
    }

    RecurrentState NewState() => new(_golden.Model.Layout);

    InputSequence Input(int number)
    {
        var inputs = _golden.Recorded.Inputs!;
        return _golden.Model.Input.Encode(new() { Vector = inputs[number % inputs.Length] });
    }

    RecurrentState Alone(int caller, int steps)
    {
        var state = NewState();
        for (var step = 0; step < steps; step++)
        {
            _golden.Model.Step([state], Input(caller + step)[0]);
        }

        return state;
    }
}
