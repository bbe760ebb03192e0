using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions;

public sealed class SessionTableTests
{
    readonly TestEngine _test = new(new SessionOptions { Capacity = 3, TimeToLive = TimeSpan.FromMinutes(10), RememberedEnded = 2 });

    SessionTable Sessions => _test.Sessions;

    RecurrentModel Model => _test.Engine.Models.Get(TestEngine.Characters, null);

    [Fact]
    public void A_session_begins_in_the_zero_state_under_the_given_or_a_fresh_id()
    {
        Assert.Equal("mine", Sessions.Create("mine", Model, null).Id);
        Assert.Equal(32, Sessions.Create(null, Model, null).Id.Length);
        Assert.Equal(0, Sessions.Get("mine").Step);
        Assert.All(Sessions.GetState("mine").Values.ToArray(), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("é")]
    public void An_id_that_could_mean_something_elsewhere_is_refused(string id)
    {
        Assert.Equal("/id", Assert.Throws<EngineException>(() => Sessions.Create(id, Model, null)).Pointer);
        Assert.Equal(ErrorKind.InvalidInput, Assert.Throws<EngineException>(() => Sessions.Get(id)).Kind);
    }

    [Fact]
    public void An_id_has_64_characters_at_most()
    {
        Sessions.Create(new string('a', 64), Model, null);
        Assert.Throws<EngineException>(() => Sessions.Create(new string('a', 65), Model, null));
    }

    [Fact]
    public void An_id_is_taken_once() => Assert.Equal(
        ErrorKind.SessionExists,
        Assert.Throws<EngineException>(() =>
        {
            Sessions.Create("a", Model, null);
            Sessions.Create("a", Model, null);
        }).Kind);

    [Fact]
    public async Task A_session_lives_its_time_after_its_last_use()
    {
        Sessions.Create("a", Model, null);
        _test.Time.Advance(TimeSpan.FromMinutes(9));
        await UseAsync("a");
        _test.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("a", Sessions.Get("a").Id);

        _test.Time.Advance(TimeSpan.FromMinutes(1));

        var exception = Assert.Throws<EngineException>(() => Sessions.Get("a"));
        Assert.Equal(ErrorKind.SessionEnded, exception.Kind);
        Assert.Contains("expired", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_in_use_does_not_expire()
    {
        Sessions.Create("a", Model, TimeSpan.FromSeconds(5));
        using (await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken))
        {
            _test.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(0, Sessions.Sweep());
        }

        Assert.Equal("a", Sessions.Get("a").Id);
    }

    [Fact]
    public void The_sweep_frees_what_nobody_asks_for()
    {
        Sessions.Create("a", Model, TimeSpan.FromSeconds(5));
        Sessions.Create("b", Model, null);
        _test.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(1, Sessions.Sweep());
        Assert.Equal(1, Sessions.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25 * 3600)]
    public void A_time_to_live_out_of_range_is_named(int seconds) => Assert.Equal(
        "/timeToLive", Assert.Throws<EngineException>(() => Sessions.Create("a", Model, TimeSpan.FromSeconds(seconds))).Pointer);

    [Fact]
    public async Task The_least_recently_used_makes_room()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            Sessions.Create(id, Model, null);
        }

        await UseAsync("a");
        Sessions.Create("d", Model, null);

        Assert.Equal(["a", "c", "d"], Sessions.List(null, 10, null).Select(session => session.Id));
        Assert.Contains("evicted", Assert.Throws<EngineException>(() => Sessions.Get("b")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_in_use_is_not_evicted()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            Sessions.Create(id, Model, null);
        }

        using var a = await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken);
        using var b = await Sessions.AcquireAsync("b", TestContext.Current.CancellationToken);
        using (await Sessions.AcquireAsync("c", TestContext.Current.CancellationToken))
        {
            Assert.Equal(ErrorKind.SessionsFull, Assert.Throws<EngineException>(() => Sessions.Create("d", Model, null)).Kind);
        }

        Sessions.Create("d", Model, null);
        Assert.Equal(["a", "b", "d"], Sessions.List(null, 10, null).Select(session => session.Id));
    }

    [Fact]
    public async Task Calls_on_a_session_take_turns_in_order_of_arrival()
    {
        Sessions.Create("a", Model, null);
        var first = await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken);
        var order = new List<int>();
        async Task WaitAsync(int number)
        {
            using var lease = await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken);
            order.Add(number);
        }

        var waiting = Enumerable.Range(0, 20).Select(WaitAsync).ToList();
        Assert.Empty(order);
        first.Dispose();
        await Task.WhenAll(waiting);

        Assert.Equal(Enumerable.Range(0, 20), order);
    }

    [Fact]
    public async Task Different_sessions_do_not_wait_for_each_other()
    {
        Sessions.Create("a", Model, null);
        Sessions.Create("b", Model, null);

        using var a = await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken);
        using var b = await Sessions.AcquireAsync("b", TestContext.Current.CancellationToken);

        Assert.NotEqual(a.Id, b.Id);
    }

    [Fact]
    public async Task A_call_that_gives_up_waiting_leaves_no_trace()
    {
        Sessions.Create("a", Model, TimeSpan.FromSeconds(5));
        using var abort = new CancellationTokenSource();
        Task<SessionLease> waiting;
        using (await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken))
        {
            waiting = Sessions.AcquireAsync("a", abort.Token);
            await abort.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await UseAsync("a");
        _test.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, Sessions.Sweep());
    }

    [Fact]
    public async Task A_call_that_waited_while_the_session_was_deleted_is_told_so()
    {
        Sessions.Create("a", Model, null);
        var lease = await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken);
        var waiting = Sessions.AcquireAsync("a", TestContext.Current.CancellationToken);
        lease.Delete();
        lease.Dispose();

        var exception = await Assert.ThrowsAsync<EngineException>(() => waiting);

        Assert.Contains("deleted", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_id_can_be_created_anew_and_the_oldest_ends_are_forgotten()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            Sessions.Create(id, Model, null);
            using var lease = await Sessions.AcquireAsync(id, TestContext.Current.CancellationToken);
            lease.Delete();
        }

        Assert.Equal(ErrorKind.SessionNotFound, Assert.Throws<EngineException>(() => Sessions.Get("a")).Kind);
        Assert.Equal(ErrorKind.SessionEnded, Assert.Throws<EngineException>(() => Sessions.Get("b")).Kind);
        Sessions.Create("b", Model, null);
        Assert.Equal(0, Sessions.Get("b").Step);
    }

    [Fact]
    public async Task A_committed_state_is_the_sessions_own()
    {
        Sessions.Create("a", Model, null);
        using (var lease = await Sessions.AcquireAsync("a", TestContext.Current.CancellationToken))
        {
            var state = lease.State.Copy();
            Model.Step([state], StepInput.Of([1]));
            lease.Commit(state);
            Model.Step([state], StepInput.Of([2]));
        }

        Assert.Equal(1, Sessions.GetState("a").Step);
    }

    [Fact]
    public void Pages_follow_each_other_in_the_order_of_ids()
    {
        foreach (var id in new[] { "c", "a", "b" })
        {
            Sessions.Create(id, Model, null);
        }

        Assert.Equal(["a", "b"], Sessions.List(null, 2, null).Select(session => session.Id));
        Assert.Equal(["c"], Sessions.List("b", 2, null).Select(session => session.Id));
        Assert.Empty(Sessions.List(null, 2, "another"));
    }

    async Task UseAsync(string id)
    {
        using var lease = await Sessions.AcquireAsync(id, TestContext.Current.CancellationToken);
    }
}
