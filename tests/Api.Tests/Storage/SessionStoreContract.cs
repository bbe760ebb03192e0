using Microsoft.Extensions.Time.Testing;
using Rnn.Engine;
using Rnn.Engine.Callers;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Tests.Storage;

/// <summary>What every store of sessions must do, whatever it keeps them in.</summary>
public abstract class SessionStoreContract
{
    protected static CancellationToken Aborted => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>Opens an empty store; it is disposed with the test.</summary>
    protected abstract ValueTask<ISessionStore> OpenAsync(SessionOptions options);

    [Fact]
    public async Task Where_nothing_was_written_there_is_nothing()
    {
        var store = await OpenAsync(new());

        Assert.Null(await store.ReadAsync("a", latest: true, Aborted));
        Assert.Null(await store.ReadAsync("a", latest: false, Aborted));
        Assert.Empty(await store.ListAsync(new(null, 10), Aborted));
        await store.ProbeAsync(Aborted);
    }

    [Fact]
    public async Task What_was_written_is_read_to_the_last_bit()
    {
        var store = await OpenAsync(new());
        var session = Session("a") with
        {
            State = new(41, [1, -2.5f, float.Epsilon, -0f, float.MaxValue]),
            History = [new(39, [1, 2, 3, 4, 5]), new(40, [5, 4, 3, 2, 1])],
            HistorySize = 2,
            Epoch = 3,
            InitialState = "calm",
            Inputs = new(9, "meaning", new(new([0, 127, 70_000]), new([]), 0)),
            Tags = ["one", "two"],
            PastKeys = [0, ulong.MaxValue, 5],
            Answers =
            [
                new(new("key", UInt128.MaxValue - 5), "40.3", "application/json", "{}"u8.ToArray()),
                new(new("other", 7), "41.3", "text/event-stream", default),
            ],
        };

        Assert.True(await store.WriteAsync(session, 0));

        foreach (var latest in new[] { true, false })
        {
            AssertSame(session, (await store.ReadAsync("a", latest, Aborted))!);
        }

        AssertSame(SessionSummary.Of(session), (await store.ListAsync(new(null, 10), Aborted)).Single());
    }

    [Fact]
    public async Task Kept_inputs_are_read_to_the_last_bit_and_so_is_that_they_are_lost()
    {
        var store = await OpenAsync(new());
        var (tokens, values) = (Enumerable.Range(0, 300).ToArray(), new[] { 1 / 3.0, double.Epsilon, -0.0, double.MaxValue, 5, 6 });
        foreach (var (id, inputs) in new (string, KeptInputs?)[]
        {
            ("tokens", new(400, "t", new(new(tokens), new([]), 0))),
            ("values", new(2, "v", new(new([]), new(values), 3))),
            ("lost", new(2, "v", new(new([]), new([]), 3)) { LostAt = 0 }),
            ("none", null),
        })
        {
            var session = Session(id) with { Inputs = inputs };
            Assert.True(await store.WriteAsync(session, 0));

            var found = (await store.ReadAsync(id, latest: true, Aborted))!.Inputs;

            Assert.Equal((inputs?.Limit, inputs?.Meaning, inputs?.LostAt, inputs?.Rows.Width), (found?.Limit, found?.Meaning, found?.LostAt, found?.Rows.Width));
            Assert.Equal(inputs?.Rows.Tokens.Items.ToArray(), found?.Rows.Tokens.Items.ToArray());
            Assert.Equal(inputs?.Rows.Values.Items.ToArray().Select(BitConverter.DoubleToInt64Bits), found?.Rows.Values.Items.ToArray().Select(BitConverter.DoubleToInt64Bits));
            Assert.Equal(SessionSummary.Of(session).InputsKept, (await store.ListAsync(new(null, 10), Aborted)).Single(listed => listed.Id == id).InputsKept);
        }
    }

    [Fact]
    public async Task Two_owners_may_have_sessions_of_the_same_id()
    {
        var store = await OpenAsync(new());
        foreach (var owner in new[] { null, "ann", "ann2", "bo" })
        {
            foreach (var id in new[] { "a", "b" })
            {
                Assert.True(await store.WriteAsync(Session(id) with { Owner = owner, Tags = [owner ?? "none"] }, 0));
            }
        }

        foreach (var owner in new[] { null, "ann", "ann2", "bo" })
        {
            var found = await store.ReadAsync(new SessionKey(owner, "a").ToString(), latest: true, Aborted);
            Assert.Equal((owner, "a"), (found!.Owner, found.Id));
            var caller = new Caller(owner, null);
            Assert.Equal(
                [("a", owner ?? "none"), ("b", owner ?? "none")],
                (await store.ListAsync(new(null, 10) { Caller = caller }, Aborted)).Select(session => (session.Id, session.Tags.Single())));
            Assert.Equal(["b"], (await store.ListAsync(new("a", 10) { Caller = caller }, Aborted)).Select(session => session.Id));
            Assert.Empty(await store.ListAsync(new(null, 10) { Caller = new(owner, ["other"]) }, Aborted));
        }

        var ended = (await store.ReadAsync("ann/a", latest: true, Aborted))!;
        Assert.True(await store.WriteAsync(ended.End(EndReason.Deleted, Time.GetUtcNow()), ended.Stamp));
        Assert.NotNull((await store.ReadAsync("ann/a", latest: true, Aborted))!.Ended);
        Assert.Null((await store.ReadAsync("bo/a", latest: true, Aborted))!.Ended);
    }

    [Fact]
    public async Task An_owner_has_so_many_sessions_and_those_that_he_has_go_on()
    {
        var store = await OpenAsync(new() { MaxPerOwner = 2 });
        var first = Session("a") with { Owner = "ann" };
        Assert.True(await store.WriteAsync(first, 0));
        Assert.True(await store.WriteAsync(Session("b") with { Owner = "ann" }, 0));

        await AssertFullAsync(store, Session("c") with { Owner = "ann" }, 0, "MaxPerOwner");

        foreach (var owner in new[] { null, "an", "ann2" })
        {
            foreach (var id in new[] { "a", "b" })
            {
                Assert.True(await store.WriteAsync(Session(id) with { Owner = owner }, 0));
            }
        }

        Assert.True(await store.WriteAsync(Session("c"), 0));      // nobody's are not counted
        Assert.True(await store.WriteAsync(Next(first), first.Stamp));
    }

    [Fact]
    public async Task The_sessions_of_an_owner_take_so_many_bytes_also_as_they_grow()
    {
        var small = Session("a") with { Owner = "ann" };
        var store = await OpenAsync(new() { MaxBytesPerOwner = 20_000 });
        Assert.True(await store.WriteAsync(small, 0));
        Assert.True(await store.WriteAsync(Session("b") with { Owner = "ann" }, 0));
        var grown = Next(small) with { HistorySize = 4, History = [new(2, new float[3_000])] };
        Assert.True(await store.WriteAsync(grown, small.Stamp));

        await AssertFullAsync(store, Next(grown) with { History = [new(1, new float[3_000]), new(2, new float[3_000])] }, grown.Stamp, "MaxBytesPerOwner");
        await AssertFullAsync(store, Large("c", "ann"), 0, "MaxBytesPerOwner");

        AssertSame(grown, (await store.ReadAsync("ann/a", latest: true, Aborted))!);
        Assert.Null(await store.ReadAsync("ann/c", latest: true, Aborted));
        Assert.True(await store.WriteAsync(Large("c", "bo"), 0));
        var shrunk = Next(grown) with { History = [] };
        Assert.True(await store.WriteAsync(shrunk, grown.Stamp));
        var again = Next(shrunk) with { History = [new(2, new float[3_000])] };
        Assert.True(await store.WriteAsync(again, shrunk.Stamp));
        Assert.True(await store.WriteAsync(again.End(EndReason.Deleted, Time.GetUtcNow()) with { Stamp = 77 }, again.Stamp));
        Assert.True(await store.WriteAsync(Large("d", "ann"), 0));
        Assert.True(await store.WriteAsync(Session("a") with { Owner = "ann" }, 77));      // an ID whose session has ended
        await AssertFullAsync(store, Large("e", "ann"), 0, "MaxBytesPerOwner");

        SessionRecord Large(string id, string owner) => Session(id) with { Owner = owner, History = [new(1, new float[3_000])] };
    }

    [Fact]
    public async Task Inputs_that_fill_an_array_that_is_there_already_make_a_session_larger()
    {
        var store = await OpenAsync(new() { MaxBytesPerOwner = 12_000 });
        var rows = new InputRows(new(new int[4_000]), new([]), 0);
        var session = Session("a") with { Owner = "ann", Inputs = new(5_000, "t", rows with { Tokens = rows.Tokens.First(2_000) }) };
        Assert.True(await store.WriteAsync(session, 0));
        var refused = Next(session) with { Inputs = session.Inputs with { Rows = rows with { Tokens = new(Enumerable.Repeat(70_000, 5_000).ToArray()) } } };

        await AssertFullAsync(store, refused, session.Stamp, "MaxBytesPerOwner");

        Assert.True(await store.WriteAsync(Next(session) with { Inputs = session.Inputs with { Rows = rows with { Tokens = rows.Tokens.First(1_000) } } }, session.Stamp));
    }

    [Fact]
    public async Task A_write_over_another_record_than_the_one_that_was_read_changes_nothing()
    {
        var store = await OpenAsync(new());
        var first = Session("a");
        var second = Next(first);
        Assert.False(await store.WriteAsync(second, first.Stamp));
        Assert.Null(await store.ReadAsync("a", latest: true, Aborted));
        Assert.True(await store.WriteAsync(first, 0));

        Assert.False(await store.WriteAsync(second, 0));
        Assert.False(await store.WriteAsync(second, first.Stamp + 1));
        AssertSame(first, (await store.ReadAsync("a", latest: true, Aborted))!);
        Assert.True(await store.WriteAsync(second, first.Stamp));

        AssertSame(second, (await store.ReadAsync("a", latest: true, Aborted))!);
    }

    [Fact]
    public async Task Of_fifty_writes_at_once_over_one_record_one_is_kept()
    {
        var store = await OpenAsync(new());
        var first = Session("a");
        await store.WriteAsync(first, 0);
        var next = Enumerable.Range(0, 50).Select(_ => Next(first)).ToList();

        var kept = await Task.WhenAll(next.Select(record => Task.Run(() => store.WriteAsync(record, first.Stamp).AsTask(), Aborted)));

        Assert.Single(kept, true);
        AssertSame(next[Array.IndexOf(kept, true)], (await store.ReadAsync("a", latest: true, Aborted))!);
    }

    [Fact]
    public async Task Many_writers_of_many_sessions_lose_nothing()
    {
        const int Sessions = 20, Writers = 4, Writes = 20;
        var store = await OpenAsync(new());
        for (var id = 0; id < Sessions; id++)
        {
            await store.WriteAsync(Session($"{id}"), 0);
        }

        await Task.WhenAll(Enumerable.Range(0, Sessions * Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var kept = 0; kept < Writes;)
                {
                    var session = (await store.ReadAsync($"{writer % Sessions}", latest: true, Aborted))!;
                    kept += await store.WriteAsync(Next(session), session.Stamp) ? 1 : 0;
                }
            },
            Aborted)));

        for (var id = 0; id < Sessions; id++)
        {
            Assert.Equal(Writers * Writes, (await store.ReadAsync($"{id}", latest: true, Aborted))!.State.Step);
        }
    }

    [Fact]
    public async Task A_session_that_has_ended_is_remembered_and_its_id_can_be_used_again()
    {
        var store = await OpenAsync(new());
        var session = Session("a");
        await store.WriteAsync(session, 0);
        var ended = session.End(EndReason.Deleted, Time.GetUtcNow());

        Assert.True(await store.WriteAsync(ended, session.Stamp));

        var read = (await store.ReadAsync("a", latest: true, Aborted))!;
        Assert.Equal((EndReason.Deleted, session.State.Step), (read.Ended!.Reason, read.State.Step));
        Assert.Empty(await store.ListAsync(new(null, 10), Aborted));
        Assert.False(await store.WriteAsync(Session("a"), 0));
        var anew = Session("a") with { Model = "another", Tags = ["new"] };
        Assert.True(await store.WriteAsync(anew, read.Stamp));
        AssertSame(SessionSummary.Of(anew), (await store.ListAsync(new(null, 10, "another", "new"), Aborted)).Single());
    }

    [Fact]
    public async Task A_session_that_is_created_anew_under_the_id_of_an_expired_one_is_found_by_its_own_model_and_tags()
    {
        var store = await OpenAsync(new());
        var expired = Session("a") with { Tags = ["old"] };
        await store.WriteAsync(expired, 0);
        Time.Advance(TimeSpan.FromMinutes(31));

        Assert.True(await store.WriteAsync(Session("a") with { Model = "another", Tags = ["new"] }, expired.Stamp));

        Assert.Single(await store.ListAsync(new(null, 10, "another", "new"), Aborted));
        Assert.Empty(await store.ListAsync(new(null, 10, Tag: "old"), Aborted));
    }

    [Fact]
    public async Task Pages_follow_each_other_in_the_ordinal_order_of_ids_and_can_be_filtered()
    {
        string[] ids = ["-", ".x", "0", "A", "B", "_", "a", "a-", "a.b", "aB", "ab", "b", "~"];
        var store = await OpenAsync(new());
        foreach (var (index, id) in ids.Reverse().Index())
        {
            await store.WriteAsync(Session(id) with { Model = index % 2 == 0 ? "even" : "odd", Tags = index % 3 == 0 ? ["third", $"t{index}"] : [] }, 0);
        }

        var all = new List<string>();
        for (string? after = null; ;)
        {
            var page = await store.ListAsync(new(after, 3), Aborted);
            all.AddRange(page.Select(session => session.Id));
            if (page.Count < 3)
            {
                break;
            }

            after = page[^1].Id;
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), all);
        Assert.Equal(7, (await store.ListAsync(new(null, 100, "even"), Aborted)).Count);
        Assert.Equal(5, (await store.ListAsync(new(null, 100, Tag: "third"), Aborted)).Count);
        Assert.Single(await store.ListAsync(new(null, 100, Tag: "t3"), Aborted));
        Assert.Empty(await store.ListAsync(new(null, 100, Tag: "thir"), Aborted));
        Assert.Equal(2, (await store.ListAsync(new("a", 2, "even"), Aborted)).Count);
    }

    [Fact]
    public async Task A_session_whose_time_is_up_is_not_listed_and_not_alive_after_a_sweep_either()
    {
        var store = await OpenAsync(new());
        await store.WriteAsync(Session("short") with { TimeToLive = TimeSpan.FromMinutes(1) }, 0);
        await store.WriteAsync(Session("long"), 0);
        var used = Session("used") with { TimeToLive = TimeSpan.FromMinutes(1) };
        await store.WriteAsync(used, 0);
        Time.Advance(TimeSpan.FromSeconds(50));
        await store.WriteAsync(Next(used) with { LastUsed = Time.GetUtcNow() }, used.Stamp);
        Time.Advance(TimeSpan.FromSeconds(50));

        for (var sweep = 0; sweep < 2; sweep++)
        {
            Assert.Equal(["long", "used"], (await store.ListAsync(new(null, 10), Aborted)).Select(session => session.Id));
            await store.SweepAsync(Aborted);
        }

        Assert.False((await store.ReadAsync("short", latest: true, Aborted))!.IsLiving(Time.GetUtcNow()));
        Assert.True((await store.ReadAsync("used", latest: true, Aborted))!.IsLiving(Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_record_of_a_megabyte_is_one_as_any_other()
    {
        var store = await OpenAsync(new());
        var session = Session("a") with
        {
            HistorySize = 256,
            History = [.. Enumerable.Range(0, 256).Select(step => new Snapshot(step, [.. Enumerable.Range(0, 1024).Select(i => i * 1.1f + step)]))],
        };

        await store.WriteAsync(session, 0);

        AssertSame(session, (await store.ReadAsync("a", latest: true, Aborted))!);
    }

    [Fact]
    public async Task A_read_that_is_given_up_harms_nobody()
    {
        var store = await OpenAsync(new());
        await store.WriteAsync(Session("a"), 0);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        try
        {
            await store.ReadAsync("a", latest: true, cancelled.Token);
        }
        catch (OperationCanceledException)
        {
            // A store that had the answer at hand may give it.
        }

        Assert.NotNull(await store.ReadAsync("a", latest: true, Aborted));
    }

    protected SessionRecord Session(string id) => new()
    {
        Id = id,
        Stamp = SessionRecord.NewStamp(),
        Model = "model",
        Version = 1,
        Fingerprint = "00112233445566778899aabbccddeeff",
        State = new(0, [0.5f]),
        Created = Time.GetUtcNow(),
        LastUsed = Time.GetUtcNow(),
        TimeToLive = TimeSpan.FromMinutes(30),
    };

    protected static SessionRecord Next(SessionRecord session) =>
        session with { Stamp = SessionRecord.NewStamp(), State = session.State with { Step = session.State.Step + 1 } };

    protected static async Task AssertFullAsync(ISessionStore store, SessionRecord session, long replaced, string option)
    {
        var refused = await Assert.ThrowsAsync<EngineException>(async () => await store.WriteAsync(session, replaced));
        Assert.Equal(ErrorKind.OwnerFull, refused.Kind);
        Assert.Contains($"Sessions:{option}", refused.Message, StringComparison.Ordinal);
    }

    static void AssertSame(SessionSummary expected, SessionSummary actual)
    {
        Assert.Equal(expected.Tags, actual.Tags);
        Assert.Equal(expected with { Tags = [] }, actual with { Tags = [] });
    }

    protected static void AssertSame(SessionRecord expected, SessionRecord actual) =>
        Assert.Equal(SessionCodec.Encode(expected), SessionCodec.Encode(actual));
}
