using Microsoft.Data.Sqlite;
using Rnn.Api.Storage;
using Rnn.Engine;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Tests.Storage;

public sealed class SqliteSessionStoreTests : SessionStoreContract, IAsyncDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");
    readonly List<SqliteSessionStore> _stores = [];

    string FilePath => Path.Combine(_folder.FullName, "sessions.db");

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_written_is_there_when_the_file_is_opened_again()
    {
        var session = Session("a");
        await using (var store = Open())
        {
            await store.WriteAsync(session, 0);
        }

        AssertSame(session, (await Open().ReadAsync("a", latest: true, Aborted))!);
        Assert.Equal(["sessions.db", "sessions.db-wal"], _folder.GetFiles().Select(file => file.Name).Order());
    }

    [Fact]
    public async Task What_owners_have_in_a_file_of_an_earlier_version_is_counted()
    {
        await using (var store = Open())
        {
            await store.WriteAsync(Session("a") with { Owner = "ann" }, 0);
            await store.WriteAsync(Session("b") with { Owner = "ann" }, 0);
            await store.WriteAsync(Session("a"), 0);
            var ended = Session("c") with { Owner = "ann" };
            await store.WriteAsync(ended, 0);
            await store.WriteAsync(ended.End(EndReason.Deleted, Time.GetUtcNow()), ended.Stamp);
        }

        Execute("drop trigger session_begins; drop trigger session_changes; drop trigger session_goes; drop table owner; pragma user_version = 1");

        var opened = Open(new() { MaxPerOwner = 3 });
        Assert.True(await opened.WriteAsync(Session("d") with { Owner = "ann" }, 0));
        await AssertFullAsync(opened, Session("e") with { Owner = "ann" }, 0, "MaxPerOwner");
    }

    [Fact]
    public async Task Sessions_of_an_owner_who_may_have_less_now_go_on_if_they_do_not_grow_and_shrink()
    {
        var session = Session("a") with { Owner = "ann", State = new(126, [1]), History = [new(1, new float[500])] };
        await using (var store = Open())
        {
            await store.WriteAsync(session, 0);
        }

        var opened = Open(new() { MaxBytesPerOwner = 1_024, Capacity = 1 });
        foreach (var next in new[] { Next(session), Next(Next(session)), Next(session) with { History = [] } })
        {
            Assert.NotNull(await opened.ReadAsync("ann/a", latest: true, Aborted));
            await opened.WriteAsync(Session("b"), 0);      // and the other is out of memory
            Assert.True(await opened.WriteAsync(next, session.Stamp));
            session = next;
        }
    }

    [Fact]
    public async Task Where_the_disk_is_nearly_full_nothing_grows_and_what_frees_room_goes_on()
    {
        var session = Session("a");
        await using (var store = Open())
        {
            await store.WriteAsync(session, 0);
            await store.WriteAsync(Session("b"), 0);
        }

        var opened = Open(new(), reserve: 1L << 60);
        Assert.NotNull(await opened.ReadAsync("a", latest: true, Aborted));
        var next = Next(session);
        Assert.True(await opened.WriteAsync(next, session.Stamp));

        foreach (var (record, replaced) in new[] { (Session("c"), 0), (Next(next) with { History = [new(1, [1])] }, next.Stamp) })
        {
            var refused = await Assert.ThrowsAsync<EngineException>(async () => await opened.WriteAsync(record, replaced));
            Assert.Equal(ErrorKind.StoreFull, refused.Kind);
            Assert.Contains("Store:DiskReserve", refused.Message, StringComparison.Ordinal);
        }

        Assert.NotNull(await opened.ReadAsync("a", latest: true, Aborted));
        Assert.True(await opened.WriteAsync(Next(next), next.Stamp));
        var other = (await opened.ReadAsync("b", latest: true, Aborted))!;
        Assert.True(await opened.WriteAsync(other.End(EndReason.Deleted, Time.GetUtcNow()), other.Stamp));
    }

    [Fact]
    public void A_file_has_one_server()
    {
        _ = Open();
        Assert.Contains("another server uses it", Assert.Throws<InvalidOperationException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_can_not_be_used_is_refused_with_the_reason()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 5_000), Aborted);
        Assert.Contains("no SQLite database", Assert.Throws<InvalidOperationException>(Open).Message, StringComparison.Ordinal);
        File.Delete(FilePath);

        await Open().DisposeAsync();
        Execute("pragma user_version = 99");
        Assert.Contains("A newer one has written it", Assert.Throws<InvalidOperationException>(Open).Message, StringComparison.Ordinal);

        var options = new StoreOptions { Path = Path.Combine(_folder.FullName, "nowhere", "sessions.db") };
        Assert.Contains("its folder must be there", Assert.Throws<InvalidOperationException>(() => SqliteSchema.Open(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_row_is_told_as_one_others_are_untouched_and_its_id_can_be_used_again()
    {
        await using (var store = Open())
        {
            await store.WriteAsync(Session("a"), 0);
            await store.WriteAsync(Session("b"), 0);
        }

        Execute("update session set record = cast(substr(record, 1, 30) || x'ff' || substr(record, 32) as blob) where id = 'a'");
        var reopened = Open();
        var damaged = (await reopened.ReadAsync("a", latest: true, Aborted))!;

        Assert.Equal(EndReason.Damaged, damaged.Ended!.Reason);
        Assert.Equal(["b"], (await reopened.ListAsync(new(null, 10), Aborted)).Select(session => session.Id));
        Assert.True(await reopened.WriteAsync(Session("a"), damaged.Stamp));
        Assert.Null((await reopened.ReadAsync("a", latest: true, Aborted))!.Ended);
    }

    [Theory]
    [InlineData(1)]                                        // in the stamp
    [InlineData(10)]                                       // in the checksum
    [InlineData(30)]
    public async Task Damaged_rows_can_be_used_again_wherever_the_damage_is_and_the_sweep_ends_them_and_forgets_them(int at)
    {
        const int Sessions = 40;
        await using (var store = Open())
        {
            for (var i = 0; i < Sessions; i++)
            {
                await store.WriteAsync(Session($"{i}"), 0);
            }
        }

        Execute($"update session set record = cast(substr(record, 1, {at}) || x'fefefe' || substr(record, {at + 4}) as blob)");
        var reopened = Open(new() { RememberEnded = TimeSpan.FromHours(1) });
        var damaged = (await reopened.ReadAsync("7", latest: true, Aborted))!;
        Assert.Equal(EndReason.Damaged, damaged.Ended!.Reason);
        Assert.True(await reopened.WriteAsync(Session("7"), damaged.Stamp));

        // Number 7 expires after 30 minutes; the others end when the sweep finds them a minute later.
        foreach (var (minutes, remembered) in new[] { (31, Sessions), (58, Sessions), (1, Sessions - 1), (1, 0) })
        {
            Time.Advance(TimeSpan.FromMinutes(minutes));
            await reopened.SweepAsync(Aborted);
            var found = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(i => reopened.ReadAsync($"{i}", latest: true, Aborted).AsTask()));
            Assert.Equal(remembered, found.Count(session => session is not null));
        }
    }

    [Fact]
    public void A_record_that_an_earlier_server_wrote_is_read_and_written_again_as_it_was()
    {
        // By a server that knew of no kept inputs: three steps with a key each, and two earlier states.
        var bytes = Convert.FromBase64String(
            "XWK+WWz+oidpil2wuQPZnQoBYRIBbRgBIiAyMWQ2MTAxNGQzMDhjYTY2NGVmZThkOGZhYzQ2MjM2NyoICAMSBAAAQEAwAjoICAESBAAAgD86CAgCEgQAAABASnUKAmsxEa"
            + "ese3HQZ11gGYsemCH9+rYWIgExKhBhcHBsaWNhdGlvbi9qc29uMkh7Im1vZGVsIjoibSIsInZlcnNpb24iOjEsInNlc3Npb24iOiJhIiwic3RlcCI6MSwib3V0cHV0Ijp7"
            + "InZhbHVlcyI6WzFdfX1KdQoCazIRp6x7cdBnXWAZix6YIf36thYiATIqEGFwcGxpY2F0aW9uL2pzb24ySHsibW9kZWwiOiJtIiwidmVyc2lvbiI6MSwic2Vzc2lvbiI6Im"
            + "EiLCJzdGVwIjoyLCJvdXRwdXQiOnsidmFsdWVzIjpbMl19fUp1CgJrMxGnrHtx0GddYBmLHpgh/fq2FiIBMyoQYXBwbGljYXRpb24vanNvbjJIeyJtb2RlbCI6Im0iLCJ2"
            + "ZXJzaW9uIjoxLCJzZXNzaW9uIjoiYSIsInN0ZXAiOjMsIm91dHB1dCI6eyJ2YWx1ZXMiOlszXX19WgF4YPz91vz6jNPvCGiTptL9+ozT7whwgOiIh0M=");

        var session = SessionCodec.Decode("a", bytes, Time.GetUtcNow());

        Assert.Null(session.Ended);
        Assert.Null(session.Inputs);
        Assert.Equal((3, "k1", "21d61014d308ca664efe8d8fac462367"), (session.State.Step, session.Answers[0].Call.Key, session.Fingerprint));
        Assert.Equal([1f, 2f, 3f], session.History.Append(session.State).Select(state => Assert.Single(state.Values)));
        Assert.Equal(bytes, SessionCodec.Encode(session));
    }

    [Fact]
    public void A_flip_of_any_bit_of_a_record_is_noticed_and_so_is_its_end_before_its_time()
    {
        var bytes = SessionCodec.Encode(Session("a") with { Tags = ["x"], HistorySize = 1, History = [new(1, [1, 2])] });
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Equal(EndReason.Damaged, SessionCodec.Decode("a", bytes, Time.GetUtcNow()).Ended?.Reason);
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(EndReason.Damaged, SessionCodec.Decode("a", bytes.AsSpan(0, length), Time.GetUtcNow()).Ended?.Reason);
        }

        Assert.Equal(EndReason.Damaged, SessionCodec.Decode("b", bytes, Time.GetUtcNow()).Ended?.Reason);
        Assert.Null(SessionCodec.Decode("a", bytes, Time.GetUtcNow()).Ended);
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_goes_on_with_reads_and_heals_when_there_is_room_again()
    {
        using var connection = SqliteSchema.Open(new() { Path = FilePath });
        var store = new SqliteSessionStore(connection, new(), new SessionCache(new() { Capacity = 1 }), new Turns(), Time);
        _stores.Add(store);
        var written = new Dictionary<string, SessionRecord>();
        await WriteAsync("first");
        SqliteSchema.Execute(connection, "pragma max_page_count = 60");

        var refused = new List<EngineException>();
        for (var i = 0; i < 200; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(async part =>
            {
                if (await TryWriteAsync($"{i}-{part}") is { } exception)
                {
                    lock (refused)
                    {
                        refused.Add(exception);
                    }
                }
            }));
        }

        Assert.NotEmpty(refused);
        Assert.All(refused, exception => Assert.Equal(ErrorKind.StoreFull, exception.Kind));
        await AssertWrittenAsync();
        SqliteSchema.Execute(connection, "pragma max_page_count = 100000");
        await WriteAsync("last");
        await AssertWrittenAsync();

        async Task WriteAsync(string id) => Assert.Null(await TryWriteAsync(id));

        async Task<EngineException?> TryWriteAsync(string id)
        {
            var session = Session(id) with { State = new(1, new float[500]) };
            try
            {
                Assert.True(await store.WriteAsync(session, 0));
                lock (written)
                {
                    written.Add(id, session);
                }

                return null;
            }
            catch (EngineException exception)
            {
                return exception;
            }
        }

        async Task AssertWrittenAsync()
        {
            Assert.Equal(written.Keys.Order(StringComparer.Ordinal), (await store.ListAsync(new(null, 1_000), Aborted)).Select(session => session.Id));
            foreach (var session in written.Values)
            {
                AssertSame(session, (await store.ReadAsync(session.Id, latest: true, Aborted))!);
            }
        }
    }

    [Fact]
    public async Task A_file_that_may_not_be_written_to_any_more_refuses_writes_and_goes_on_with_reads()
    {
        using var connection = SqliteSchema.Open(new() { Path = FilePath });
        var store = new SqliteSessionStore(connection, new(), new SessionCache(new() { Capacity = 1 }), new Turns(), Time);
        _stores.Add(store);
        var (a, b) = (Session("a"), Session("b"));
        await store.WriteAsync(a, 0);
        await store.WriteAsync(b, 0);
        SqliteSchema.Execute(connection, "pragma query_only = on");

        var refusal = await Assert.ThrowsAsync<EngineException>(() => store.WriteAsync(Next(a), a.Stamp).AsTask());

        Assert.Equal(ErrorKind.StoreFull, refusal.Kind);
        AssertSame(a, (await store.ReadAsync("a", latest: true, Aborted))!);
        AssertSame(b, (await store.ReadAsync("b", latest: true, Aborted))!);
        await store.SweepAsync(Aborted);
        SqliteSchema.Execute(connection, "pragma query_only = off");
        Assert.True(await store.WriteAsync(Next(a), a.Stamp));
    }

    [Fact]
    public async Task A_write_that_fails_for_itself_does_not_fail_those_it_waited_with()
    {
        const string Poison = "poison";
        using var connection = SqliteSchema.Open(new() { Path = FilePath });
        SqliteSchema.Execute(connection, $"create trigger refuse before insert on session when new.id = '{Poison}' begin select raise(abort, 'no'); end");
        var store = new SqliteSessionStore(connection, new(), new SessionCache(new()), new Turns(), Time);
        _stores.Add(store);

        for (var round = 0; round < 20; round++)
        {
            var ids = Enumerable.Range(0, 10).Select(i => i == round % 10 ? Poison : $"{round}-{i}").ToList();
            var results = await Task.WhenAll(ids.Select(async id =>
            {
                try
                {
                    return await store.WriteAsync(Session(id), 0);
                }
                catch (EngineException)
                {
                    return false;
                }
            }));

            Assert.Equal(ids.Select(id => id != Poison), results);
        }

        Assert.Null(await store.ReadAsync(Poison, latest: true, Aborted));
        Assert.Equal(180, (await store.ListAsync(new(null, 1_000), Aborted)).Count);
    }

    [Fact]
    public async Task The_sweep_frees_the_expired_and_forgets_the_ended_after_their_time()
    {
        var store = Open(new() { RememberEnded = TimeSpan.FromHours(1) });
        for (var i = 0; i < 600; i++)
        {
            await store.WriteAsync(Session($"{i}") with { State = new(5, new float[100]) }, 0);
        }

        Time.Advance(TimeSpan.FromMinutes(30));
        await store.SweepAsync(Aborted);

        var ended = (await store.ReadAsync("7", latest: true, Aborted))!;
        Assert.Equal((EndReason.Expired, 5, 0), (ended.Ended!.Reason, ended.State.Step, ended.State.Values.Length));
        Time.Advance(TimeSpan.FromMinutes(59));
        await store.SweepAsync(Aborted);
        Assert.NotNull(await store.ReadAsync("7", latest: true, Aborted));
        Time.Advance(TimeSpan.FromMinutes(1));
        await store.SweepAsync(Aborted);
        Assert.Null(await store.ReadAsync("7", latest: true, Aborted));
    }

    [Fact]
    public async Task A_session_that_a_call_holds_is_not_swept()
    {
        var turns = new Turns();
        var store = Open(new(), turns);
        var session = Session("a");
        await store.WriteAsync(session, 0);
        using (await turns.TakeAsync("a", call: null, Aborted))
        {
            Time.Advance(TimeSpan.FromMinutes(31));
            await store.SweepAsync(Aborted);
            Assert.Equal(session.Stamp, (await store.ReadAsync("a", latest: true, Aborted))!.Stamp);
        }

        Time.Advance(TimeSpan.FromMinutes(1));
        await store.SweepAsync(Aborted);
        Assert.Equal(EndReason.Expired, (await store.ReadAsync("a", latest: true, Aborted))!.Ended?.Reason);
    }

    [Fact]
    public async Task What_a_read_saw_of_a_write_that_was_not_committed_is_not_told()
    {
        using var connection = SqliteSchema.Open(new() { Path = FilePath });
        var store = new SqliteSessionStore(connection, new(), new SessionCache(new() { Capacity = 1 }), new Turns(), Time);
        _stores.Add(store);
        SqliteSchema.Execute(connection, "pragma max_page_count = 40");
        var refused = 0;

        // Each pair waits together, so that the read sees the write in its transaction.
        for (var i = 0; i < 100; i++)
        {
            var (large, small) = (Session($"{i}-large") with { State = new(1, new float[3_000]) }, Session($"{i}-small"));
            var writes = new[] { WriteAsync(large), WriteAsync(small) };
            var reads = new[] { store.ReadAsync(large.Id, latest: true, Aborted).AsTask(), store.ReadAsync(small.Id, latest: true, Aborted).AsTask() };
            var kept = await Task.WhenAll(writes);
            var read = await Task.WhenAll(reads);
            refused += kept.Count(isKept => !isKept);
            foreach (var (isKept, seen) in kept.Zip(read))
            {
                Assert.True(isKept || seen is null);
            }

            Assert.Equal(kept[0], await store.ReadAsync(large.Id, latest: true, Aborted) is not null);
            Assert.Equal(kept[1], await store.ReadAsync(small.Id, latest: true, Aborted) is not null);
        }

        Assert.InRange(refused, 1, 199);

        async Task<bool> WriteAsync(SessionRecord session)
        {
            try
            {
                return await store.WriteAsync(session, 0);
            }
            catch (EngineException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task What_is_in_memory_and_not_in_the_file_is_gone_after_one_write()
    {
        var cache = new SessionCache(new());
        var store = new SqliteSessionStore(SqliteSchema.Open(new() { Path = FilePath }), new(), cache, new Turns(), Time);
        _stores.Add(store);
        var session = Session("a");
        cache.Put(session);

        Assert.False(await store.WriteAsync(Next(session), session.Stamp));

        Assert.Null(await store.ReadAsync("a", latest: true, Aborted));
        Assert.True(await store.WriteAsync(session, 0));
    }

    protected override ValueTask<ISessionStore> OpenAsync(SessionOptions options) => new(Open(options));

    SqliteSessionStore Open() => Open(new());

    SqliteSessionStore Open(SessionOptions options, Turns? turns = null, long reserve = 0)
    {
        var store = new SqliteSessionStore(new StoreOptions { Path = FilePath, DiskReserve = reserve }, options, new SessionCache(options), turns ?? new Turns(), Time);
        _stores.Add(store);
        return store;
    }

    void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();
        SqliteSchema.Execute(connection, sql);
    }
}
