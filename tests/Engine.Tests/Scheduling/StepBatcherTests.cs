using CsCheck;
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

        Assert.True(StepAsync(batcher, state, Input(0)).IsCompletedSuccessfully);
        Assert.Equal(1, state.Step);
    }

    [Fact]
    public void What_waits_while_a_tick_runs_is_one_batch_of_the_next()
    {
        var batcher = new StepBatcher(_golden.Model, new());
        var states = Enumerable.Range(0, 5).Select(_ => NewState()).ToArray();
        var steps = states.Select((state, row) =>
        {
            var step = new BatchJob(state, Input(row), default, Aborted);
            Assert.Equal(row == 0, batcher.Enqueue(step));
            return step.Task;
        }).ToArray();

        batcher.RunTick();

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
                    await StepAsync(batcher, state, Input(caller + step));
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
        var served = Enqueue(batcher, first, Input(0), Aborted);
        var left = Enqueue(batcher, gone, Input(1), leave.Token);

        leave.Cancel();
        batcher.RunTick();

        Assert.True(served.IsCompletedSuccessfully);
        Assert.True(left.IsCanceled);
        Assert.Equal(0, gone.Step);
        Assert.True(StepAsync(batcher, gone, Input(1)).IsCompletedSuccessfully);
    }

    [Fact]
    public void A_full_queue_refuses_and_takes_again_when_there_is_room()
    {
        var batcher = new StepBatcher(_golden.Model, new() { QueueLimit = 2 });
        Enqueue(batcher, NewState(), Input(0), Aborted);
        Enqueue(batcher, NewState(), Input(1), Aborted);
        var state = NewState();

        var exception = Assert.Throws<EngineException>(() => { _ = StepAsync(batcher, state, Input(2)); });
        Assert.Equal(ErrorKind.Overloaded, exception.Kind);
        Assert.Equal(0, state.Step);

        batcher.RunTick();
        Assert.True(StepAsync(batcher, state, Input(2)).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_tick_that_fails_is_told_to_its_callers_and_the_next_one_runs()
    {
        var batcher = new StepBatcher(_golden.Model, new());
        var tooShort = new InputSequence(new[] { 1f, 2f }, width: 2);

        await Assert.ThrowsAnyAsync<Exception>(() => StepAsync(batcher, NewState(), tooShort));

        Assert.True(StepAsync(batcher, NewState(), Input(0)).IsCompletedSuccessfully);
    }

    [Fact]
    public void Sequences_of_all_lengths_in_one_batch_get_what_they_would_get_alone() =>
        Gen.Int[1, 90].Array[1, 9].Sample(lengths =>
        {
            var batcher = new StepBatcher(_golden.Model, new() { MaxBatchSize = 4 });
            var size = _golden.Model.Output.Size;
            var jobs = lengths.Select(length => new BatchJob(NewState(), Sequence(length), new float[length * size], Aborted)).ToArray();
            foreach (var job in jobs)
            {
                batcher.Enqueue(job);
            }

            while (jobs.Any(job => !job.Task.IsCompleted))
            {
                batcher.RunTick();
            }

            foreach (var job in jobs)
            {
                var alone = NewState();
                for (var t = 0; t < job.Inputs.Length; t++)
                {
                    _golden.Model.Step([alone], job.Inputs[t]);
                    Assert.Equal(_golden.Model.Read(alone), job.Outputs.Slice(t * size, size).ToArray());
                }

                Assert.Equal(alone.Values, job.State.Values);
                Assert.Equal(job.Inputs.Length, job.State.Step);
            }
        });

    [Fact]
    public void A_single_step_waits_for_no_sequence()
    {
        var batcher = new StepBatcher(_golden.Model, new());
        var sequence = Enqueue(batcher, NewState(), Sequence(10_000), Aborted);
        batcher.RunTick();
        var step = Enqueue(batcher, NewState(), Input(0), Aborted);

        batcher.RunTick();

        Assert.True(step.IsCompletedSuccessfully);
        Assert.False(sequence.IsCompleted);
    }

    [Fact]
    public void A_caller_who_leaves_amid_a_sequence_gets_no_further_tick()
    {
        using var leave = new CancellationTokenSource();
        var batcher = new StepBatcher(_golden.Model, new());
        var state = NewState();
        var sequence = Enqueue(batcher, state, Sequence(10_000), leave.Token);
        batcher.RunTick();
        var reached = state.Step;

        leave.Cancel();
        batcher.RunTick();

        Assert.True(sequence.IsCanceled);
        Assert.Equal(reached, state.Step);
    }

    [Fact]
    public void A_second_tick_runs_beside_the_first_when_a_whole_batch_waits()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "one processor runs one tick at a time");
        var batcher = new StepBatcher(_golden.Model, new() { MaxBatchSize = 3 });

        Assert.True(batcher.Enqueue(Job()));               // nobody runs
        Assert.False(batcher.Enqueue(Job()));              // somebody does, and two wait
        Assert.True(batcher.Enqueue(Job()));               // three wait: a batch

        BatchJob Job() => new(NewState(), Input(0), default, Aborted);
    }

    static Task StepAsync(StepBatcher batcher, RecurrentState state, InputSequence input) =>
        batcher.RunAsync(state, input, default, Aborted);

    static Task Enqueue(StepBatcher batcher, RecurrentState state, InputSequence inputs, CancellationToken aborted)
    {
        var job = new BatchJob(state, inputs, default, aborted);
        batcher.Enqueue(job);
        return job.Task;
    }

    InputSequence Sequence(int length)
    {
        var inputs = _golden.Recorded.Inputs!;
        return _golden.Model.Input.Encode(new() { Values = [.. Enumerable.Range(0, length).Select(t => inputs[t % inputs.Length])] });
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
