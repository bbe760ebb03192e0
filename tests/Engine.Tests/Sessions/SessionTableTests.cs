using Rnn.Engine.Layers;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions;

public sealed class SessionTableTests
{
    readonly TestEngine _test = new(new SessionOptions { Capacity = 3, TimeToLive = TimeSpan.FromMinutes(10), RememberedEnded = 2 });

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    SessionTable Sessions => _test.Sessions;

    RecurrentModel Model => _test.Engine.Models.Get(TestEngine.Characters, null);

    [Fact]
    public async Task A_session_begins_in_the_zero_state_under_the_given_or_a_fresh_id()
    {
        Assert.Equal("mine", (await CreateAsync("mine")).Id);
        Assert.Equal(32, (await CreateAsync(new NewSession())).Id.Length);
        Assert.Equal(0, await _test.StepAsync("mine"));
        Assert.All(await _test.StateAsync("mine"), value => Assert.Equal(0, value));
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
    public async Task An_id_that_could_mean_something_elsewhere_is_refused(string id)
    {
        Assert.Equal("/id", (await FailsAsync(() => CreateAsync(id))).Pointer);
        Assert.Equal(ErrorKind.InvalidInput, (await FailsAsync(() => GetAsync(id))).Kind);
    }

    [Fact]
    public async Task An_id_has_64_characters_at_most()
    {
        await CreateAsync(new string('a', 64));
        await FailsAsync(() => CreateAsync(new string('a', 65)));
    }

    [Fact]
    public async Task An_id_is_taken_once()
    {
        await CreateAsync("a");
        Assert.Equal(ErrorKind.SessionExists, (await FailsAsync(() => CreateAsync("a"))).Kind);
    }

    [Fact]
    public async Task An_id_is_taken_also_while_a_call_holds_a_session_whose_time_is_up()
    {
        await CreateAsync("a", TimeSpan.FromSeconds(5));
        using (var lease = await Sessions.AcquireAsync("a", null, Aborted))
        {
            _test.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(ErrorKind.SessionExists, (await FailsAsync(() => CreateAsync("a"))).Kind);
            Assert.True(await MoveAsync(lease, 1));
        }

        Assert.Equal(1, await _test.StepAsync("a"));
    }

    [Fact]
    public async Task A_session_lives_its_time_after_its_last_use()
    {
        await CreateAsync("a");
        _test.Time.Advance(TimeSpan.FromMinutes(9));
        await StepAsync("a");
        _test.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("a", (await GetAsync("a")).Id);

        _test.Time.Advance(TimeSpan.FromMinutes(1));

        var exception = await FailsAsync(() => GetAsync("a"));
        Assert.Equal(ErrorKind.SessionEnded, exception.Kind);
        Assert.Contains("expired", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_is_only_looked_into_lives_on_too()
    {
        await CreateAsync("a");
        for (var minute = 0; minute < 30; minute += 6)
        {
            _test.Time.Advance(TimeSpan.FromMinutes(6));
            using var run = await _test.Engine.StartAsync(new() { Session = "a", Commits = false, Input = new() { Text = "a" } }, Aborted);
        }

        Assert.Equal(0, await _test.StepAsync("a"));
    }

    [Fact]
    public async Task A_session_in_use_does_not_expire()
    {
        await CreateAsync("a", TimeSpan.FromSeconds(5));
        using (var lease = await Sessions.AcquireAsync("a", null, Aborted))
        {
            _test.Time.Advance(TimeSpan.FromMinutes(1));
            await Sessions.SweepAsync(Aborted);
            Assert.True(await MoveAsync(lease, 1));
        }

        Assert.Equal("a", (await GetAsync("a")).Id);
    }

    [Fact]
    public async Task A_call_that_came_while_the_session_lived_is_served_however_long_it_waits()
    {
        await CreateAsync("a", TimeSpan.FromSeconds(5));
        var first = await Sessions.AcquireAsync("a", null, Aborted);
        var waiting = Sessions.AcquireAsync("a", null, Aborted);
        _test.Time.Advance(TimeSpan.FromMinutes(1));
        first.Dispose();

        using var second = await waiting;

        Assert.True(await MoveAsync(second, 1));
    }

    [Fact]
    public async Task The_sweep_frees_what_nobody_asks_for()
    {
        await CreateAsync("a", TimeSpan.FromSeconds(5));
        await CreateAsync("b");
        _test.Time.Advance(TimeSpan.FromSeconds(5));

        await Sessions.SweepAsync(Aborted);

        Assert.Equal(1, _test.Store.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(25 * 3600)]
    public async Task A_time_to_live_out_of_range_is_named(int seconds) =>
        Assert.Equal("/timeToLive", (await FailsAsync(() => CreateAsync("a", TimeSpan.FromSeconds(seconds)))).Pointer);

    [Fact]
    public async Task Tags_and_history_out_of_range_are_named()
    {
        Assert.Equal("/history", (await FailsAsync(() => CreateAsync(new() { History = 1_025 }))).Pointer);
        Assert.Equal("/history", (await FailsAsync(() => CreateAsync(new() { History = -1 }))).Pointer);
        Assert.Equal("/tags/1", (await FailsAsync(() => CreateAsync(new() { Tags = ["fine", "not fine"] }))).Pointer);
        Assert.Equal("/tags", (await FailsAsync(() => CreateAsync(new() { Tags = [.. Enumerable.Range(0, 17).Select(i => $"{i}")] }))).Pointer);
        Assert.Equal("/initialState", (await FailsAsync(() => CreateAsync(new() { InitialState = "calm" }))).Pointer);
    }

    [Fact]
    public async Task The_least_recently_used_makes_room()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            await CreateAsync(id);
        }

        await StepAsync("a");
        await CreateAsync("d");

        Assert.Equal(["a", "c", "d"], await ListAsync(new(null, 10)));
        Assert.Contains("evicted", (await FailsAsync(() => GetAsync("b"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_least_recently_used_makes_room_for_bytes_too()
    {
        var bytes = (await CreateAsync("a")).Bytes;
        var test = new TestEngine(new SessionOptions { MaxBytes = 2 * bytes });
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await test.NewSessionAsync(TestEngine.Characters));
        }

        Assert.Equal(2, test.Store.Count);
        Assert.Equal(ErrorKind.SessionEnded, (await FailsAsync(() => test.StepAsync(ids[0]))).Kind);
    }

    [Fact]
    public async Task A_session_for_which_there_is_no_room_ends_no_other()
    {
        var bytes = (await CreateAsync("a")).Bytes;
        var test = new TestEngine(new SessionOptions { MaxBytes = 3 * bytes });
        foreach (var id in new[] { "a", "b", "c" })
        {
            await test.Sessions.CreateAsync(Model, new() { Id = id }, Aborted);
        }

        // One that is larger than all the room there is, and one that would fit if the first two were not in use.
        var large = (await test.Sessions.GetAsync("a", Aborted)) with { Id = "large", State = new(0, new float[bytes]) };
        Assert.Equal(ErrorKind.StoreFull, (await FailsAsync(() => test.Store.WriteAsync(large, 0).AsTask())).Kind);
        using var a = await test.Sessions.AcquireAsync("a", null, Aborted);
        using var b = await test.Sessions.AcquireAsync("b", null, Aborted);
        large = large with { State = new(0, new float[bytes / 3]) };
        Assert.InRange(large.Bytes, bytes + 1, 3 * bytes);
        Assert.Equal(ErrorKind.SessionsFull, (await FailsAsync(() => test.Store.WriteAsync(large, 0).AsTask())).Kind);

        Assert.Equal(3, test.Store.Count);
    }

    [Fact]
    public async Task A_session_in_use_is_not_evicted()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            await CreateAsync(id);
        }

        using var a = await Sessions.AcquireAsync("a", null, Aborted);
        using var b = await Sessions.AcquireAsync("b", null, Aborted);
        using (await Sessions.AcquireAsync("c", null, Aborted))
        {
            Assert.Equal(ErrorKind.SessionsFull, (await FailsAsync(() => CreateAsync("d"))).Kind);
        }

        await CreateAsync("d");
        Assert.Equal(["a", "b", "d"], await ListAsync(new(null, 10)));
    }

    [Fact]
    public async Task Calls_on_a_session_take_turns_in_order_of_arrival()
    {
        await CreateAsync("a");
        var first = await Sessions.AcquireAsync("a", null, Aborted);
        var order = new List<int>();
        async Task WaitAsync(int number)
        {
            using var lease = await Sessions.AcquireAsync("a", null, Aborted);
            order.Add(number);
        }

        var waiting = Enumerable.Range(0, 20).Select(WaitAsync).ToList();
        Assert.Empty(order);
        first.Dispose();
        await Task.WhenAll(waiting);

        Assert.Equal(Enumerable.Range(0, 20), order);
        Assert.Equal(0, _test.Turns.Count);
    }

    [Fact]
    public async Task Different_sessions_do_not_wait_for_each_other()
    {
        await CreateAsync("a");
        await CreateAsync("b");

        using var a = await Sessions.AcquireAsync("a", null, Aborted);
        using var b = await Sessions.AcquireAsync("b", null, Aborted);

        Assert.NotEqual(a.Record.Id, b.Record.Id);
    }

    [Fact]
    public async Task A_call_that_gives_up_waiting_leaves_no_trace()
    {
        await CreateAsync("a");
        using var abort = new CancellationTokenSource();
        using (await Sessions.AcquireAsync("a", null, Aborted))
        {
            var waiting = Sessions.AcquireAsync("a", new IdempotencyKey("k", 1), abort.Token);
            await abort.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await StepAsync("a");
        Assert.Equal(0, _test.Turns.Count);
    }

    [Fact]
    public async Task A_call_that_waited_while_the_session_was_deleted_is_told_so()
    {
        await CreateAsync("a");
        var lease = await Sessions.AcquireAsync("a", null, Aborted);
        var deleting = Sessions.DeleteAsync("a", null, Aborted);
        var waiting = Sessions.AcquireAsync("a", null, Aborted);
        lease.Dispose();
        await deleting;

        Assert.Contains("deleted", (await Assert.ThrowsAsync<EngineException>(() => waiting)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_id_can_be_created_anew_and_the_oldest_ends_are_forgotten()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            await CreateAsync(id);
            await Sessions.DeleteAsync(id, null, Aborted);
        }

        Assert.Equal(ErrorKind.SessionNotFound, (await FailsAsync(() => GetAsync("a"))).Kind);
        Assert.Equal(ErrorKind.SessionEnded, (await FailsAsync(() => GetAsync("b"))).Kind);
        await CreateAsync("b");
        Assert.Equal(0, await _test.StepAsync("b"));
    }

    [Fact]
    public async Task A_committed_state_is_the_sessions_own()
    {
        await CreateAsync("a");
        using (var lease = await Sessions.AcquireAsync("a", null, Aborted))
        {
            var state = lease.State.Copy();
            Model.Step([state], StepInput.Of([1]));
            Assert.True(await lease.TryMoveAsync(state, [], null, null, "", default));
            Model.Step([state], StepInput.Of([2]));
        }

        Assert.Equal(1, await _test.StepAsync("a"));
    }

    [Fact]
    public async Task What_another_process_has_changed_is_not_overwritten()
    {
        await CreateAsync("a");
        using var lease = await Sessions.AcquireAsync("a", null, Aborted);
        var other = await GetAsync("a");
        Assert.True(await _test.Store.WriteAsync(other with { Stamp = 7, State = other.State with { Step = 41 } }, other.Stamp));

        Assert.False(await MoveAsync(lease, 1));
        Assert.False(await MoveAsync(lease, 1));
        await lease.ReadAgainAsync(Aborted);

        Assert.Equal(41, lease.Record.State.Step);
        Assert.True(await MoveAsync(lease, 42));
    }

    [Fact]
    public async Task A_call_is_not_applied_to_another_session_that_was_created_under_its_id_meanwhile()
    {
        var first = await CreateAsync("a");
        using var lease = await Sessions.AcquireAsync("a", null, Aborted);
        _test.Time.Advance(TimeSpan.FromSeconds(1));
        await _test.Store.WriteAsync(first.End(EndReason.Deleted, _test.Time.GetUtcNow()) with { Stamp = 7 }, first.Stamp);
        await _test.Store.WriteAsync(first with { Stamp = 8, Created = _test.Time.GetUtcNow() }, 7);

        Assert.False(await MoveAsync(lease, 1));

        Assert.Equal(ErrorKind.SessionEnded, (await FailsAsync(() => lease.ReadAgainAsync(Aborted).AsTask())).Kind);
    }

    [Fact]
    public async Task A_look_into_a_session_does_not_disturb_the_call_that_holds_it()
    {
        await CreateAsync("a");
        using var lease = await Sessions.AcquireAsync("a", null, Aborted);
        _test.Time.Advance(TimeSpan.FromMinutes(5));

        await Sessions.ForkAsync("a", new(), null, Aborted);

        Assert.True(await MoveAsync(lease, 1));
    }

    [Fact]
    public async Task Pages_follow_each_other_in_the_order_of_ids()
    {
        foreach (var id in new[] { "c", "a", "b" })
        {
            await CreateAsync(new() { Id = id, Tags = id == "b" ? ["one", "two"] : [] });
        }

        Assert.Equal(["a", "b"], await ListAsync(new(null, 2)));
        Assert.Equal(["c"], await ListAsync(new("b", 2)));
        Assert.Equal(["b"], await ListAsync(new(null, 2, Tag: "two")));
        Assert.Empty(await ListAsync(new(null, 2, Model: "another")));
    }

    [Fact]
    public async Task A_session_whose_model_is_gone_has_ended_and_one_whose_weights_changed_is_refused_until_it_is_moved()
    {
        var session = await CreateAsync("a");
        await _test.Store.WriteAsync(session with { Stamp = 1, Version = 9 }, session.Stamp);
        Assert.Equal(ErrorKind.SessionEnded, (await FailsAsync(() => Sessions.AcquireAsync("a", null, Aborted))).Kind);
        await _test.Store.WriteAsync(session with { Stamp = 2, Fingerprint = new string('0', 32) }, 1);
        Assert.Equal(ErrorKind.ModelChanged, (await FailsAsync(() => Sessions.AcquireAsync("a", null, Aborted))).Kind);

        var moved = await Sessions.MoveAsync("a", null, null, Aborted);

        Assert.Equal(Model.Layout.Fingerprint, moved.Fingerprint);
        await StepAsync("a");
    }

    [Fact]
    public async Task A_session_is_not_moved_to_a_version_that_reads_whole_sequences_only()
    {
        using var forward = Gru(6, "forward", Weights(6));
        using var both = Gru(3, "bidirectional", Weights(3), Weights(3, "_reverse"));
        var test = new TestEngine(models: [forward.Load(), both.LoadAs(2)]);
        var session = await test.Sessions.CreateAsync(test.Engine.Models.Get("test", 1), new(), Aborted);

        Assert.Equal(ErrorKind.NotSupported, (await FailsAsync(() => test.Sessions.MoveAsync(session.Id, 2, null, Aborted))).Kind);
        Assert.Equal(1, (await test.Sessions.GetAsync(session.Id, Aborted)).Version);
    }

    [Fact]
    public async Task A_session_moved_to_a_version_without_the_state_that_it_began_with_is_reset_to_the_usual_one()
    {
        using var folder = new ModelFolder(Golden.FolderOf(TestEngine.Characters));
        var without = folder.LoadAs(2);
        var calm = RecurrentState.Of(without.Layout, 7, [.. Enumerable.Repeat(0.5f, without.Layout.Size)]);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(folder.WeightsPath)!, "calm.state"), StateCodec.Encode(calm));
        var test = new TestEngine(models: [folder.Load(), without, folder.LoadAs(3)]);
        var session = await test.Sessions.CreateAsync(test.Engine.Models.Get("test", 1), new() { InitialState = "calm" }, Aborted);

        Assert.Equal("calm", (await test.Sessions.MoveAsync(session.Id, 3, null, Aborted)).InitialState);
        await test.Sessions.MoveAsync(session.Id, 2, null, Aborted);
        await test.Sessions.ResetAsync(session.Id, null, Aborted);

        Assert.All(await test.StateAsync(session.Id), value => Assert.Equal(0, value));
    }

    static ModelFolder Gru(int hidden, string direction, params (string, int[], float[])[][] weights) => new(
        $$"""
        {
          "format": 1,
          "input": { "kind": "features", "features": [{ "name": "x" }] },
          "layers": [{ "kind": "gru", "name": "rnn", "hiddenSize": {{hidden}}, "direction": "{{direction}}" }],
          "output": { "kind": "values", "values": [{{string.Join(", ", Enumerable.Range(0, 6).Select(i => $$"""{ "name": "y{{i}}" }"""))}}] }
        }
        """,
        [.. weights.SelectMany(direction => direction)]);

    static (string, int[], float[])[] Weights(int hidden, string suffix = "") =>
    [
        ($"rnn.weight_ih_l0{suffix}", [3 * hidden, 1], new float[3 * hidden]),
        ($"rnn.weight_hh_l0{suffix}", [3 * hidden, hidden], new float[3 * hidden * hidden]),
        ($"rnn.bias_ih_l0{suffix}", [3 * hidden], new float[3 * hidden]),
        ($"rnn.bias_hh_l0{suffix}", [3 * hidden], new float[3 * hidden]),
    ];

    Task<SessionRecord> CreateAsync(string? id, TimeSpan? timeToLive = null) => CreateAsync(new() { Id = id, TimeToLive = timeToLive });

    Task<SessionRecord> CreateAsync(NewSession session) => Sessions.CreateAsync(Model, session, Aborted);

    Task<SessionRecord> GetAsync(string id) => Sessions.GetAsync(id, Aborted);

    async Task<IEnumerable<string>> ListAsync(SessionQuery query) => (await Sessions.ListAsync(query, Aborted)).Select(session => session.Id);

    async Task StepAsync(string id) => await _test.RunAsync(new() { Session = id, Input = new() { Text = "a" } });

    static ValueTask<bool> MoveAsync(SessionLease lease, long step) =>
        lease.TryMoveAsync(RecurrentState.Of(lease.Model.Layout, step, new float[lease.Model.Layout.Size]), [], null, null, "", default);

    static Task<EngineException> FailsAsync(Func<Task> act) => Assert.ThrowsAsync<EngineException>(act);
}
