using System.Collections.Concurrent;
using Rnn.Api.Storage;
using Rnn.Engine;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.Storage.RedisSessionStoreTests;

namespace Rnn.Api.Tests.Storage;

public sealed class RedisFaultTests
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redis_killed_three_times_under_eight_writers_loses_and_doubles_nothing()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var load = new Load(redis, retryFor: 0.1);
        for (var kills = 0; kills < 3; kills++)
        {
            await load.GoOnAsync();
            await redis.KillAsync();
            await load.MeetAnErrorAsync();
            await redis.StartAsync();
        }

        await load.GoOnAsync();
        await load.CheckAsync();
    }

    [Fact]
    public async Task Connections_cut_under_eight_writers_lose_and_double_nothing()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var load = new Load(redis, retryFor: 1);
        for (var cuts = 0; cuts < 20; cuts++)
        {
            await load.GoOnAsync(steps: 20);
            await redis.SendAsync("CLIENT", "KILL", "TYPE", "normal");
        }

        await load.GoOnAsync();
        await load.CheckAsync();
    }

    [Fact]
    public async Task A_Redis_that_is_away_at_the_start_is_found_when_it_comes()
    {
        await using var redis = RedisServer.Prepare();
        await using var store = Open(redis.Address, retryFor: 0.1);
        var session = Session("a");

        await AssertUnavailableAsync(async () => await store.ReadAsync("a", latest: true, Aborted));
        await AssertUnavailableAsync(async () => await store.WriteAsync(session, 0));
        await AssertUnavailableAsync(async () => await store.ListAsync(new SessionQuery(null, 10), Aborted));
        await AssertUnavailableAsync(async () => await store.SweepAsync(Aborted));
        await AssertUnavailableAsync(async () => await store.ProbeAsync(Aborted));
        await redis.StartAsync();
        await UntilReachedAsync(store);

        Assert.True(await store.WriteAsync(session, 0));
        Assert.NotNull(await store.ReadAsync("a", latest: true, Aborted));
    }

    [Fact]
    public async Task A_Redis_that_forgets_at_a_restart_gives_nothing_rather_than_something_old()
    {
        await using var redis = await RedisServer.StartNewAsync("--appendonly", "no");
        await using var store = Open(redis.Address, retryFor: 30);
        var session = Session("a");
        await store.WriteAsync(session, 0);

        await redis.KillAsync();
        await redis.StartAsync();

        Assert.Null(await store.ReadAsync("a", latest: true, Aborted));
        Assert.False(await store.WriteAsync(Next(session), session.Stamp));
        Assert.Empty(await store.ListAsync(new SessionQuery(null, 10), Aborted));
    }

    [Fact]
    public async Task A_write_that_a_paused_Redis_takes_late_does_not_replace_a_newer_one()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open($"{redis.Address},asyncTimeout=100", retryFor: 0);
        await using var other = Open(redis.Address, retryFor: 30);
        var first = Session("a");
        await store.WriteAsync(first, 0);
        await other.ReadAsync("a", latest: true, Aborted);

        await redis.PauseAsync();
        var late = Next(first);
        var exception = await AssertUnavailableAsync(async () => await store.WriteAsync(late, first.Stamp));
        await AssertUnavailableAsync(async () => await store.ReadAsync("a", latest: true, Aborted));
        await AssertUnavailableAsync(async () => await store.ProbeAsync(Aborted));
        await redis.ResumeAsync();

        Assert.Contains("may or may not", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.IsUnsure);
        var held = (await other.ReadAsync("a", latest: true, Aborted))!;
        var newer = Next(held);
        var kept = await other.WriteAsync(newer, held.Stamp);
        await UntilReachedAsync(store);                    // what it sent before has been taken by now
        Assert.Equal(kept ? newer.Stamp : late.Stamp, (await store.ReadAsync("a", latest: true, Aborted))!.Stamp);
    }

    [Fact]
    public async Task A_full_Redis_takes_no_write_and_answers_reads()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        var session = Session("a");
        await store.WriteAsync(session, 0);

        await redis.SendAsync("CONFIG", "SET", "maxmemory", "1mb");
        var change = await Assert.ThrowsAsync<EngineException>(() => store.WriteAsync(Next(session), session.Stamp).AsTask());
        var creation = await Assert.ThrowsAsync<EngineException>(() => store.WriteAsync(Session("b"), 0).AsTask());

        Assert.Equal(ErrorKind.StoreFull, change.Kind);
        Assert.Equal(ErrorKind.StoreFull, creation.Kind);
        Assert.Equal(session.Stamp, (await store.ReadAsync("a", latest: true, Aborted))!.Stamp);
        Assert.Single(await store.ListAsync(new SessionQuery(null, 10), Aborted));

        Assert.True(await store.WriteAsync(session.End(EndReason.Deleted, DateTimeOffset.UtcNow), session.Stamp));
        Assert.Null(await store.ReadAsync("a", latest: true, Aborted));

        await redis.SendAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.True(await store.WriteAsync(Next(session), 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",password=not-the-secret")]
    public async Task A_Redis_that_wants_another_password_is_unavailable_and_the_reason_names_none(string password)
    {
        await using var redis = await RedisServer.StartNewAsync("--requirepass", "secret");
        await using var store = Open(redis.Address + password, retryFor: 0.1);

        var exception = await AssertUnavailableAsync(async () => await store.WriteAsync(Session("a"), 0));

        Assert.Contains("user or password", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_may_do_nothing_but_what_is_needed_under_the_prefix_is_enough()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await redis.SendAsync(
            "ACL", "SETUSER", "app", "on", ">secret", "resetkeys", "~rnn:*", "resetchannels", "-@all", "+@connection", "+info",
            "+get", "+set", "+del", "+getrange", "+exists", "+eval", "+evalsha", "+script|load", "+zadd", "+zrem", "+zrangebylex");
        await using var store = Open($"{redis.Address},user=app,password=secret");
        var session = Session("a");

        Assert.True(await store.WriteAsync(session, 0));
        Assert.True(await store.WriteAsync(Next(session), session.Stamp));
        Assert.Single(await store.ListAsync(new SessionQuery(null, 10), Aborted));
        await store.SweepAsync(Aborted);
        await store.ProbeAsync(Aborted);

        await redis.SendAsync("ACL", "SETUSER", "app", "-set");
        var exception = await AssertUnavailableAsync(async () => await store.WriteAsync(Session("b"), 0));
        Assert.Contains("lacks a permission", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_without_replicas_that_must_have_some_takes_no_write_until_it_may()
    {
        await using var redis = await RedisServer.StartNewAsync("--min-replicas-to-write", "1");
        await using var store = Open(redis.Address, retryFor: 0.1);

        var exception = await AssertUnavailableAsync(async () => await store.WriteAsync(Session("a"), 0));
        await redis.SendAsync("CONFIG", "SET", "min-replicas-to-write", "0");

        Assert.Contains("NOREPLICAS", exception.Message, StringComparison.Ordinal);
        Assert.Contains("was not made", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsUnsure);
        Assert.True(await store.WriteAsync(Session("a"), 0));
    }

    static async Task<EngineException> AssertUnavailableAsync(Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<EngineException>(call);
        Assert.Equal(ErrorKind.StoreUnavailable, exception.Kind);
        return exception;
    }

    static async Task UntilReachedAsync(RedisSessionStore store)
    {
        while (true)
        {
            try
            {
                await store.ProbeAsync(Aborted);
                return;
            }
            catch (EngineException exception) when (exception.Kind == ErrorKind.StoreUnavailable)
            {
                await Task.Delay(10, Aborted);
            }
        }
    }

    /// <summary>
    /// Eight writers over two stores and four sessions. A session's state counts the steps of each writer, so it shows what became
    /// of every write: all that were acknowledged are in it, none twice, and of the others those that came through.
    /// </summary>
    sealed class Load : IAsyncDisposable
    {
        const int Writers = 8;
        const int Sessions = 4;

        readonly RedisSessionStore[] _stores;
        readonly CancellationTokenSource _enough = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
        readonly ConcurrentDictionary<(string Id, long Step), int> _acknowledged = [];
        readonly int[] _unsure = new int[Writers];
        readonly Task[] _writing;
        int _errors;

        public Load(RedisServer redis, double retryFor)
        {
            _stores = [Open(redis.Address, retryFor: retryFor), Open(redis.Address, retryFor: retryFor)];
            _writing = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer)))];
        }

        public Task GoOnAsync(int steps = 100) => UntilAsync(() => _acknowledged.Count, _acknowledged.Count + steps);

        public Task MeetAnErrorAsync() => UntilAsync(() => Volatile.Read(ref _errors), Volatile.Read(ref _errors) + 1);

        public async Task CheckAsync()
        {
            await _enough.CancelAsync();
            await Task.WhenAll(_writing);
            await UntilReachedAsync(_stores[0]);           // the steps may have gone on through the other alone
            var states = await Task.WhenAll(Enumerable.Range(0, Sessions)
                .Select(async number => (await _stores[0].ReadAsync($"{number}", latest: true, Aborted))!.State));
            Assert.All(states, state => Assert.Equal(state.Step, state.Values.Sum()));
            for (var writer = 0; writer < Writers; writer++)
            {
                var acknowledged = _acknowledged.Count(step => step.Value == writer);
                Assert.InRange((int)states[writer % Sessions].Values[writer], acknowledged, acknowledged + _unsure[writer]);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _enough.CancelAsync();
            await Task.WhenAll(_writing);
            foreach (var store in _stores)
            {
                await store.DisposeAsync();
            }

            _enough.Dispose();
        }

        async Task WriteAsync(int writer)
        {
            var (id, store) = ($"{writer % Sessions}", _stores[writer / Sessions]);
            while (!_enough.IsCancellationRequested)
            {
                var isWriting = false;
                try
                {
                    var session = await store.ReadAsync(id, latest: false, CancellationToken.None);
                    var next = Step(session ?? Session(id), writer);
                    isWriting = true;
                    if (await store.WriteAsync(next, session?.Stamp ?? 0))
                    {
                        Assert.True(_acknowledged.TryAdd((id, next.State.Step), writer), "A step was acknowledged twice.");
                    }
                }
                catch (EngineException exception) when (exception.Kind == ErrorKind.StoreUnavailable)
                {
                    Interlocked.Increment(ref _errors);
                    _unsure[writer] += isWriting ? 1 : 0;
                }
            }
        }

        // Fails at once if a writer has met what it must not.
        async Task UntilAsync(Func<int> count, int reached)
        {
            while (count() < reached)
            {
                await (Array.Find(_writing, writer => writer.IsFaulted) ?? Task.Delay(5, Aborted));
            }
        }

        static SessionRecord Step(SessionRecord session, int writer)
        {
            var values = session.State.Values.ToArray();
            values[writer]++;
            return Next(session) with { State = new Snapshot(session.State.Step + 1, values) };
        }
    }
}
