using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Scheduling;

/// <summary>A lane whose tick never ends, and who comes meanwhile.</summary>
public sealed class AdmissionTests
{
    readonly TestEngine _test = new(batching: new() { MaxBatchSize = 1, MaxQueueTime = TimeSpan.FromMilliseconds(100) });
    readonly RecurrentModel _model;
    int _ticks;

    public AdmissionTests() => _model = _test.Engine.Models.Get(TestEngine.Characters, version: null);

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_that_is_refused_has_not_happened_and_its_key_is_free()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        await _test.RunAsync(Step(session));
        var before = await _test.StateAsync(session);
        var call = new IdempotencyKey("key", 1);
        var waiting = Fill();

        var refused = await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(Step(session) with { Call = call }, Aborted));

        Assert.Equal(ErrorKind.Overloaded, refused.Kind);
        Assert.Equal(before, await _test.StateAsync(session));
        Assert.Equal(0, _test.Turns.Count);
        await EndAsync(waiting);
        var (_, run) = await _test.RunAsync(Step(session) with { Call = call });
        Assert.Null(run.Answer);
        Assert.Equal(2, await _test.StepAsync(session));
    }

    [Fact]
    public async Task A_generation_that_was_let_in_is_not_cut_off()
    {
        using var run = await _test.Engine.StartAsync(Generation(maxLength: 5), Aborted);
        await using var timesteps = run.RunAsync(Aborted).GetAsyncEnumerator(Aborted);
        Assert.True(await timesteps.MoveNextAsync());
        var waiting = Fill();

        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(Generation(maxLength: 5), Aborted));
        var next = timesteps.MoveNextAsync();              // waits its turn behind those who came
        Assert.False(next.IsCompleted);

        await EndAsync(waiting);
        Assert.True(await next);
    }

    [Fact]
    public async Task A_replay_is_let_in_as_any_call_and_if_not_its_session_is_where_it_was()
    {
        var session = (await _test.Engine.Sessions.CreateAsync(_model, new() { InputsKept = 4 }, Aborted)).Id;
        await _test.RunAsync(Step(session));
        var before = await _test.StateAsync(session);
        var waiting = Fill();

        var refused = await Assert.ThrowsAsync<EngineException>(() => _test.Engine.Sessions.MoveByReplayAsync(session, null, null, Aborted));

        Assert.Equal(ErrorKind.Overloaded, refused.Kind);
        Assert.Equal(before, await _test.StateAsync(session));
        await EndAsync(waiting);
        var replay = _test.Engine.Sessions.MoveByReplayAsync(session, null, null, Aborted);
        Assert.Equal(before, (await replay).State.Values);
    }

    [Fact]
    public async Task Parts_of_a_request_that_was_let_in_wait()
    {
        _test.Engine.Admit(_model, parts: 2);
        var waiting = Fill();

        Assert.Throws<EngineException>(() => _test.Engine.Admit(_model, parts: 2));
        using var part = await _test.Engine.StartAsync(Step() with { IsPart = true }, Aborted);

        await EndAsync(waiting);
    }

    [Fact]
    public async Task Where_nobody_was_refused_nobody_is_asked_and_then_by_model_or_session()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        var waiting = Fill();
        Assert.Null(await _test.Engine.RefusalAsync(TestEngine.Characters, session: null, Aborted));

        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(Step(), Aborted));

        Assert.Equal(ErrorKind.Overloaded, (await _test.Engine.RefusalAsync(TestEngine.Characters, session: null, Aborted))!.Kind);
        Assert.Equal(ErrorKind.Overloaded, (await _test.Engine.RefusalAsync(model: null, session, Aborted))!.Kind);
        Assert.Null(await _test.Engine.RefusalAsync(TestEngine.Words, session: null, Aborted));
        Assert.Null(await _test.Engine.RefusalAsync("none", session: null, Aborted));
        Assert.Null(await _test.Engine.RefusalAsync(model: null, "none", Aborted));
        Assert.Null(await _test.Engine.RefusalAsync(model: null, "not an id", Aborted));
        await EndAsync(waiting);
        Assert.Null(await _test.Engine.RefusalAsync(TestEngine.Characters, session: null, Aborted));
    }

    /// <summary>One is in a tick, as many wait as always may, and for longer than any other may.</summary>
    List<BatchJob> Fill()
    {
        var batcher = _test.Engine.Lanes.Of(_model);
        var jobs = new List<BatchJob>();
        do
        {
            jobs.Add(new BatchJob(new RecurrentState(_model.Layout), new InputSequence(new[] { 1 }), default, Aborted));
            _ticks += batcher.Enqueue(jobs[^1]) ? 1 : 0;
        }
        while (jobs.Count < Environment.ProcessorCount);
        _test.Time.Advance(TimeSpan.FromSeconds(1));
        return jobs;
    }

    /// <summary>The ticks that had begun go on.</summary>
    async Task EndAsync(List<BatchJob> waiting)
    {
        for (; _ticks > 0; _ticks--)
        {
            _test.Engine.Lanes.Of(_model).RunTick();
        }

        await Task.WhenAll(waiting.Select(job => job.Task));
    }

    static InferenceRequest Step(string? session = null) =>
        new() { Model = session is null ? TestEngine.Characters : null, Session = session, Input = new() { Text = "a" }, IsSingleStep = true };

    static InferenceRequest Generation(int maxLength) =>
        new() { Model = TestEngine.Characters, Input = new() { Text = "a" }, Generation = new() { MaxLength = maxLength } };
}
