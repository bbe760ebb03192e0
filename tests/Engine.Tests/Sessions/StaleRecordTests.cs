using Rnn.Engine.Callers;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions;

/// <summary>
/// A server whose store is shared, and which remembers what it last saw: it never refuses a call because of what was, and not what is.
/// </summary>
public sealed class StaleRecordTests
{
    readonly TestEngine _test = new();
    readonly RemoteStore _store;
    readonly InferenceEngine _server;

    public StaleRecordTests()
    {
        var models = _test.Catalog;
        _store = new RemoteStore(_test.Store);
        _server = new InferenceEngine(new SessionTable(_store, new Turns(), new VisibleModels(models, () => Caller.Anyone), new(), _test.Time), new(), new());
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    RecurrentModel Model => _test.Catalog.Get(TestEngine.Characters, null);

    [Fact]
    public async Task An_answer_that_another_server_has_kept_meanwhile_is_told()
    {
        var call = new IdempotencyKey("key", 1);
        var seen = await WriteAsync(session => session with { Answers = [new(call, "0", "", default)] });
        await OtherWritesAsync(seen with { Answers = [new(call, "0", "", new byte[] { 7 })] });

        using var run = await _server.StartAsync(Step() with { Call = call }, Aborted);

        Assert.Equal(7, run.Answer!.Body.Span[0]);
    }

    [Fact]
    public async Task A_session_that_another_server_has_moved_to_a_version_that_is_served_goes_on()
    {
        var seen = await WriteAsync(session => session with { Version = 9 });
        await OtherWritesAsync(seen with { Version = Model.Version });

        Assert.Equal(1, await StepAsync());
    }

    [Fact]
    public async Task A_session_that_another_server_has_moved_to_the_weights_of_now_goes_on()
    {
        var seen = await WriteAsync(session => session with { Fingerprint = new string('0', 32) });
        await OtherWritesAsync(seen with { Fingerprint = Model.Layout.Fingerprint });

        Assert.Equal(1, await StepAsync());
    }

    [Fact]
    public async Task A_session_that_another_server_has_created_anew_before_the_call_came_is_the_one_that_is_meant()
    {
        var seen = await WriteAsync(session => session);
        _test.Time.Advance(TimeSpan.FromSeconds(1));
        await OtherWritesAsync(seen with { Created = _test.Time.GetUtcNow(), State = seen.State with { Step = 5 } });
        _test.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(6, await StepAsync());
    }

    [Fact]
    public async Task A_call_that_others_overtake_each_time_is_given_up()
    {
        await WriteAsync(session => session);
        _store.IsAlwaysOvertaken = true;

        Assert.Equal(ErrorKind.SessionMoved, (await Assert.ThrowsAsync<EngineException>(StepAsync)).Kind);
    }

    [Fact]
    public async Task A_store_that_takes_no_write_does_not_keep_anybody_from_looking_or_from_forking()
    {
        await WriteAsync(session => session);
        _test.Time.Advance(TimeSpan.FromMinutes(10));
        var writes = 0;
        _store.Writing = () =>
        {
            if (++writes != 2)                             // the fork itself
            {
                throw new EngineException(ErrorKind.StoreFull, "The disk is full.");
            }
        };

        using var peek = await _server.StartAsync(Step() with { Commits = false }, Aborted);
        var fork = await _server.Sessions.ForkAsync("a", new(), null, Aborted);

        Assert.Equal(0, fork.State.Step);
        Assert.Equal(3, writes);
    }

    static InferenceRequest Step() => new() { Session = "a", Input = new() { Text = "a" } };

    /// <summary>Creates the session at this server.</summary>
    async Task<SessionRecord> WriteAsync(Func<SessionRecord, SessionRecord> change)
    {
        var session = await _server.Sessions.CreateAsync(Model, new() { Id = "a" }, Aborted);
        var changed = change(session) with { Stamp = 1 };
        Assert.True(await _store.WriteAsync(changed, session.Stamp));
        return changed;
    }

    async Task OtherWritesAsync(SessionRecord session) => Assert.True(await _test.Store.WriteAsync(session with { Stamp = 2 }, session.Stamp));

    async Task<long> StepAsync()
    {
        using var run = await _server.StartAsync(Step(), Aborted);
        while (true)
        {
            Assert.NotEmpty(await run.RunAsync(Aborted).ToListAsync(Aborted));
            if (await run.CommitAsync("", default))
            {
                return run.State.Step;
            }

            await run.BeginAgainAsync(Aborted);
        }
    }
}
