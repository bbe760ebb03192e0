using Microsoft.Extensions.Time.Testing;
using Rnn.Api.Storage;
using Rnn.Engine;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Tests.Storage;

public sealed class RedisSessionStoreTests
{
    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_servers_that_write_at_once_one_wins_and_the_other_reads_what_it_wrote()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = Open(redis.Address);
        await using var other = Open(redis.Address);
        var first = Session("a");
        Assert.True(await one.WriteAsync(first, 0));

        SessionRecord[] next = [Next(first), Next(first)];
        var kept = await Task.WhenAll(one.WriteAsync(next[0], first.Stamp).AsTask(), other.WriteAsync(next[1], first.Stamp).AsTask());

        Assert.Single(kept, true);
        var winner = next[Array.IndexOf(kept, true)];
        Assert.Equal(winner.Stamp, (await one.ReadAsync("a", latest: true, Aborted))!.Stamp);
        Assert.Equal(winner.Stamp, (await other.ReadAsync("a", latest: true, Aborted))!.Stamp);
    }

    [Fact]
    public async Task A_write_over_a_record_that_another_server_has_replaced_is_refused()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = Open(redis.Address);
        await using var other = Open(redis.Address);
        var first = Session("a");
        var second = Next(first);
        await one.WriteAsync(first, 0);
        await other.WriteAsync(second, first.Stamp);

        var seen = await one.ReadAsync("a", latest: false, Aborted);

        Assert.Equal(first.Stamp, seen!.Stamp);
        Assert.False(await one.WriteAsync(Next(seen), seen.Stamp));
        Assert.Equal(second.Stamp, (await one.ReadAsync("a", latest: false, Aborted))!.Stamp);
    }

    [Fact]
    public async Task A_session_that_another_server_has_prolonged_does_not_expire_here()
    {
        await using var redis = await RedisServer.StartNewAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var one = Open(redis.Address, time);
        await using var other = Open(redis.Address, time);
        var first = Session("a", time.GetUtcNow());
        await one.WriteAsync(first, 0);
        time.Advance(TimeSpan.FromMinutes(20));
        await other.WriteAsync(Next(first) with { LastUsed = time.GetUtcNow() }, first.Stamp);
        time.Advance(TimeSpan.FromMinutes(20));

        var session = await one.ReadAsync("a", latest: false, Aborted);

        Assert.True(session!.IsLiving(time.GetUtcNow()));
    }

    [Fact]
    public async Task A_step_takes_one_round_trip()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        var session = Session("a");
        await store.WriteAsync(session, 0);
        await redis.SendAsync("CONFIG", "RESETSTAT");

        for (var step = 0; step < 10; step++)
        {
            var seen = await store.ReadAsync("a", latest: false, Aborted);
            Assert.True(await store.WriteAsync(Next(seen!), seen!.Stamp));
        }

        var calls = (string)(await redis.SendAsync("INFO", "commandstats"))!;
        Assert.Contains("cmdstat_evalsha:calls=10,", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("cmdstat_get:", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("cmdstat_zadd:", calls, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_known_again()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var link = new LossyLink(redis);
        await using var store = Open(link.Address, retryFor: 30);
        var first = Session("a");
        await store.WriteAsync(first, 0);

        link.LoseNextAnswer(() => Task.CompletedTask);
        var second = Next(first);

        Assert.True(await store.WriteAsync(second, first.Stamp));
        Assert.Equal(second.Stamp, (await store.ReadAsync("a", latest: true, Aborted))!.Stamp);
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_and_that_was_replaced_since_is_not_called_refused()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var link = new LossyLink(redis);
        await using var store = Open(link.Address, retryFor: 30);
        await using var other = Open(redis.Address);
        var first = Session("a");
        await store.WriteAsync(first, 0);

        var second = Next(first);
        var third = Next(second);
        link.LoseNextAnswer(async () => Assert.True(await other.WriteAsync(third, second.Stamp)));
        var exception = await Assert.ThrowsAsync<EngineException>(() => store.WriteAsync(second, first.Stamp).AsTask());

        Assert.Equal(ErrorKind.StoreUnavailable, exception.Kind);
        Assert.Equal(third.Stamp, (await store.ReadAsync("a", latest: false, Aborted))!.Stamp);
    }

    [Fact]
    public async Task Scripts_that_Redis_has_forgotten_are_sent_again()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        var first = Session("a");
        await store.WriteAsync(first, 0);

        await redis.SendAsync("SCRIPT", "FLUSH");
        var second = Next(first);
        Assert.True(await store.WriteAsync(second, first.Stamp));

        await redis.SendAsync("FLUSHALL");
        Assert.False(await store.WriteAsync(Next(second), second.Stamp));
        Assert.Null(await store.ReadAsync("a", latest: true, Aborted));
        Assert.True(await store.WriteAsync(Session("a"), 0));
    }

    [Fact]
    public async Task A_record_stays_for_its_time_to_live_and_then_as_long_as_it_is_remembered()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        var session = Session("a");
        await store.WriteAsync(session, 0);
        Assert.InRange(await TimeLeftAsync("a"), 89 * 60_000, 90 * 60_000);

        await store.WriteAsync(session.End(EndReason.Deleted, DateTimeOffset.UtcNow), session.Stamp);
        Assert.InRange(await TimeLeftAsync("a"), 59 * 60_000, 60 * 60_000);

        await store.WriteAsync(Session("past", DateTimeOffset.UtcNow.AddYears(-10)), 0);
        while (await store.ReadAsync("past", latest: true, Aborted) is not null)
        {
            await Task.Delay(1, Aborted);
        }

        async Task<long> TimeLeftAsync(string id) => (long)await redis.SendAsync("PTTL", $"rnn:session:{id}");
    }

    [Fact]
    public async Task A_damaged_value_is_a_session_that_has_ended_and_its_ID_can_be_used_again()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        foreach (var value in new[] { "", "short", "long enough for a stamp and a checksum", new string('\0', 20) })
        {
            await redis.SendAsync("SET", "rnn:session:a", value);

            var session = await store.ReadAsync("a", latest: true, Aborted);

            Assert.Equal(EndReason.Damaged, session!.Ended?.Reason);
            Assert.True(await store.WriteAsync(Session("a"), session.Stamp));
        }
    }

    [Fact]
    public async Task Sessions_are_listed_in_pages_and_those_that_are_gone_leave_the_index()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        var sessions = Enumerable.Range(0, 300).Select(number => Session($"{number:000}") with { Tags = [$"{number % 3}"] }).ToList();
        await Task.WhenAll(sessions.Select(session => store.WriteAsync(session, 0).AsTask()));
        await store.WriteAsync(sessions[7].End(EndReason.Deleted, DateTimeOffset.UtcNow), sessions[7].Stamp);
        await redis.SendAsync("DEL", [.. sessions.Skip(100).Take(150).Select(session => (object)$"rnn:session:{session.Id}")]);
        var left = sessions.Where((_, number) => number is not 7 and (< 100 or >= 250)).Select(session => session.Id).ToList();

        List<string> all = [];
        while (await store.ListAsync(new SessionQuery(all.LastOrDefault(), 40), Aborted) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 40);
            all.AddRange(page.Select(session => session.Id));
        }

        Assert.Equal(left, all);
        Assert.Equal(
            left.Where(id => int.Parse(id) % 3 == 1).Take(45),
            (await store.ListAsync(new SessionQuery(null, 45, "model", "1"), Aborted)).Select(session => session.Id));

        await store.SweepAsync(Aborted);
        Assert.Equal(left.Count + 1, (long)await redis.SendAsync("ZCARD", "rnn:sessions"));     // the deleted one is remembered
    }

    [Fact]
    public async Task A_sweep_leaves_no_session_out_that_is_created_meanwhile()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var store = Open(redis.Address);
        await using var sweeper = Open(redis.Address);
        string[] ids = [.. Enumerable.Range(0, 200).Select(number => $"{number:000}")];
        for (var round = 0; round < 10; round++)
        {
            await redis.SendAsync("DEL", [.. ids.Select(id => (object)$"rnn:session:{id}")]);   // their IDs are in the index still
            var creating = Task.WhenAll(ids.Select(id => store.WriteAsync(Session(id), 0).AsTask()));
            while (!creating.IsCompleted)
            {
                await sweeper.SweepAsync(Aborted);
            }

            Assert.DoesNotContain(false, await creating);
            Assert.Equal(ids, (await store.ListAsync(new SessionQuery(null, 1_000), Aborted)).Select(session => session.Id));
        }
    }

    internal static RedisSessionStore Open(string redis, TimeProvider? time = null, double retryFor = 1, SessionOptions? sessions = null)
    {
        sessions ??= new();
        var options = new StoreOptions { Kind = StoreKind.Redis, Redis = redis, RetryFor = TimeSpan.FromSeconds(retryFor) };
        return new(options, sessions, new SessionCache(sessions), time ?? TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
    }

    internal static SessionRecord Session(string id, DateTimeOffset? created = null) => new()
    {
        Id = id,
        Stamp = SessionRecord.NewStamp(),
        Model = "model",
        Version = 1,
        Fingerprint = "fingerprint",
        State = new Snapshot(0, new float[8]),
        Created = created ?? DateTimeOffset.UtcNow,
        LastUsed = created ?? DateTimeOffset.UtcNow,
        TimeToLive = TimeSpan.FromMinutes(30),
    };

    internal static SessionRecord Next(SessionRecord session) => session with
    {
        Stamp = SessionRecord.NewStamp(),
        State = session.State with { Step = session.State.Step + 1 },
    };
}
