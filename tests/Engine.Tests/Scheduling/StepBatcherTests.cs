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
    public void A_tick_steps_all_of_its_jobs_as_if_each_were_alone()
    {
        var tick = new Tick(_golden.Model);
        tick.Jobs.AddRange(Enumerable.Range(0, 5).Select(row => Job(Input(row))));

        tick.Run();

        foreach (var (row, job) in tick.Jobs.Index())
        {
            Assert.True(job.IsOver);
            Assert.Equal(Alone(row, 1).Values, job.State.Values);
        }
    }

    [Fact]
    public void A_single_step_waits_for_no_sequence()
    {
        var tick = new Tick(_golden.Model);
        var (sequence, step) = (Job(Sequence(100)), Job(Input(0)));
        tick.Jobs.AddRange(sequence, step);

        tick.Run();

        Assert.True(step.IsOver);
        Assert.Equal(1, sequence.Position);
        Assert.False(sequence.IsOver);
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
    public async Task A_caller_who_leaves_while_waiting_is_not_stepped()
    {
        using var leave = new CancellationTokenSource();
        var batcher = new StepBatcher(_golden.Model, new());
        var served = Job(Input(0));
        var gone = new BatchJob(NewState(), Input(1), default, leave.Token);
        batcher.Enqueue(served);
        batcher.Enqueue(gone);

        await leave.CancelAsync();
        batcher.RunTick();

        await served.Task;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.Task);
        Assert.Equal(0, gone.State.Step);
        Assert.True(StepAsync(batcher, gone.State, Input(1)).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_caller_who_leaves_amid_a_sequence_gets_no_further_tick()
    {
        const int Length = 5_000_000;
        using var leave = new CancellationTokenSource();
        var batcher = new StepBatcher(_golden.Model, new());
        var width = _golden.Model.Input.Size;
        var state = NewState();
        var sequence = batcher.RunAsync(state, new InputSequence(new float[Length * width], width), default, leave.Token);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sequence);
        Assert.InRange(state.Step, 1, Length - 1);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_takes_again_when_there_is_room()
    {
        var batcher = new StepBatcher(_golden.Model, new() { QueueLimit = 2 });
        BatchJob[] waiting = [Job(Input(0)), Job(Input(1))];
        Array.ForEach(waiting, job => batcher.Enqueue(job));
        var state = NewState();

        var exception = Assert.Throws<EngineException>(() => { _ = StepAsync(batcher, state, Input(2)); });
        Assert.Equal(ErrorKind.Overloaded, exception.Kind);
        Assert.Equal(0, state.Step);

        batcher.RunTick();
        Assert.True(StepAsync(batcher, state, Input(2)).IsCompletedSuccessfully);
        await Task.WhenAll(waiting.Select(job => job.Task));
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
    public Task Sequences_of_all_lengths_in_one_batch_get_what_they_would_get_alone() =>
        Gen.Int[1, 90].Array[1, 9].SampleAsync(async lengths =>
        {
            var batcher = new StepBatcher(_golden.Model, new() { MaxBatchSize = 4 });
            var size = _golden.Model.Output.Size;
            var jobs = lengths.Select(length => new BatchJob(NewState(), Sequence(length), new float[length * size], Aborted)).ToArray();
            foreach (var _ in jobs.Where(batcher.Enqueue).ToList())
            {
                batcher.RunTick();
            }

            await Task.WhenAll(jobs.Select(job => job.Task));

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
    public void A_second_tick_runs_beside_the_first_when_long_sequences_wait()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "one processor runs one tick at a time");
        var batcher = new StepBatcher(_golden.Model, new());

        Assert.True(batcher.Enqueue(Job(Input(0))));       // nobody runs
        Assert.False(batcher.Enqueue(Job(Sequence(100)))); // 101 timesteps wait
        Assert.True(batcher.Enqueue(Job(Sequence(100))));  // 201: more than a tick takes
    }

    [Fact]
    public void A_second_tick_runs_beside_the_first_when_a_whole_batch_waits()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "one processor runs one tick at a time");
        var batcher = new StepBatcher(_golden.Model, new() { MaxBatchSize = 3 });

        Assert.True(batcher.Enqueue(Job(Input(0))));       // nobody runs
        Assert.False(batcher.Enqueue(Job(Input(0))));      // somebody does, and two wait
        Assert.True(batcher.Enqueue(Job(Input(0))));       // three wait: a batch
    }

    static Task StepAsync(StepBatcher batcher, RecurrentState state, InputSequence input) =>
        batcher.RunAsync(state, input, default, Aborted);

    BatchJob Job(InputSequence inputs) => new(NewState(), inputs, default, Aborted);

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
