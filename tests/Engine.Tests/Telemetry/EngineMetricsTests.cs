using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Tests.Telemetry;

public sealed class EngineMetricsTests : IDisposable
{
    const string Model = $"model={TestEngine.Characters},version=1";

    readonly TestEngine _test = new(new SessionOptions { Capacity = 2 });
    readonly Measured _measured;

    public EngineMetricsTests() => _measured = new(_test.Meter);

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _measured.Dispose();

    [Fact]
    public void Every_instrument_says_what_it_measures_and_in_what()
    {
        using var meter = new Meter("test");
        using var measured = new Measured(meter);
        new EngineMetrics(meter).ObserveSessions("memory", () => (0, 0));

        Assert.All(measured.Instruments, instrument =>
        {
            Assert.Matches(new Regex("^rnn\\.[a-z_.]+$"), instrument.Name);
            Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
            Assert.Matches(new Regex("^(s|By|\\{[a-z]+\\})$"), instrument.Unit!);
        });
        Assert.All(
            measured.Instruments.OfType<Histogram<double>>(), histogram => Assert.InRange(histogram.Advice!.HistogramBucketBoundaries!.Count, 10, 30));
        Assert.NotNull(Assert.Single(measured.Instruments.OfType<Histogram<int>>()).Advice);
    }

    [Fact]
    public async Task A_call_is_measured_under_its_model_and_version()
    {
        await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "abc" } });

        foreach (var name in new[] { "rnn.request.duration", "rnn.queue.duration", "rnn.compute.duration" })
        {
            var (value, labels) = Assert.Single(_measured.Of(name));
            Assert.Equal(Model, labels);
            Assert.True(value > 0);
        }

        Assert.Equal((1, Model), Assert.Single(_measured.Of("rnn.batch.size")));
        Assert.Contains((3, Model), _measured.Of("rnn.steps"));
        Assert.Contains((0, Model), _measured.Of("rnn.queue.size"));
        Assert.Contains((4_096, Model), _measured.Of("rnn.queue.limit"));
        Assert.Empty(_measured.Of("rnn.errors"));
        Assert.Empty(_measured.Of("rnn.time_to_first_token"));
    }

    [Fact]
    public async Task A_call_is_active_until_it_is_disposed()
    {
        var run = await _test.Engine.StartAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "a" } }, Aborted);
        Assert.Contains((1, Model), _measured.Of("rnn.request.active"));

        run.Dispose();
        run.Dispose();

        Assert.Contains((0, Model), _measured.Of("rnn.request.active"));
        Assert.Single(_measured.Of("rnn.request.duration"));
    }

    [Fact]
    public async Task A_generation_counts_its_tokens_and_times_the_first()
    {
        await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "ab" }, Generation = new() { MaxLength = 5 } });

        Assert.Equal((5, Model), Assert.Single(_measured.Of("rnn.tokens")));
        Assert.Equal(Model, Assert.Single(_measured.Of("rnn.time_to_first_token")).Labels);
        Assert.Contains((7, Model), _measured.Of("rnn.steps"));
    }

    [Fact]
    public async Task What_is_traced_is_counted_too()
    {
        await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "abc" }, Trace = new() { Parts = [TracePart.Hidden] } });

        Assert.Contains((3, Model), _measured.Of("rnn.steps"));
    }

    [Fact]
    public async Task Calls_of_one_tick_are_one_batch()
    {
        var model = _test.Engine.Models.Get(TestEngine.Characters, null);
        var group = new StepGroup(new StepBatcher(model, new(), new EngineMetrics(_test.Meter).Of(model.Name, model.Version)));
        group.Gather(3);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            group.RunAsync(new RecurrentState(model.Layout), new InputSequence(new[] { 1 }), default, Aborted)));

        Assert.Equal((3, Model), Assert.Single(_measured.Of("rnn.batch.size")));
        Assert.Equal(3, _measured.Of("rnn.queue.duration").Count);
    }

    [Fact]
    public async Task What_fails_is_counted_by_its_kind_and_a_name_that_no_model_has_is_no_label()
    {
        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(new() { Model = "nobody" }, Aborted));
        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(new() { Session = "none" }, Aborted));
        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(new() { Model = TestEngine.Characters }, Aborted));
        using var run = await _test.Engine.StartAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "a" } }, Aborted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await run.RunAsync(new(canceled: true)).ToListAsync(Aborted));

        Assert.Equal(
            ["error.type=model-not-found", "error.type=session-not-found", $"{Model},error.type=invalid-input", $"{Model},error.type=cancelled"],
            _measured.Of("rnn.errors").Select(error => error.Labels));
        Assert.Contains((1, Model), _measured.Of("rnn.request.active"));
    }

    [Fact]
    public async Task A_replay_is_counted_and_steps_nothing()
    {
        var id = await _test.NewSessionAsync(TestEngine.Characters);
        var request = new InferenceRequest { Session = id, Input = new() { Text = "a" }, Call = new("key", 1) };
        using (var first = await _test.Engine.StartAsync(request, Aborted))
        {
            await first.RunAsync(Aborted).ToListAsync(Aborted);
            Assert.True(await first.CommitAsync("text/plain", new byte[] { 1 }));
        }

        using (await _test.Engine.StartAsync(request, Aborted))
        {
            Assert.Empty(_measured.Of("rnn.idempotent_replays"));
        }

        Assert.Equal((1, Model), Assert.Single(_measured.Of("rnn.idempotent_replays")));
        Assert.Contains((1, Model), _measured.Of("rnn.steps"));
    }

    [Fact]
    public async Task Sessions_are_counted_as_they_come_and_by_the_reason_they_go()
    {
        await _test.Sessions.DeleteAsync(await _test.NewSessionAsync(TestEngine.Characters), tag: null, Aborted);
        for (var session = 0; session < 3; session++)
        {
            await _test.NewSessionAsync(TestEngine.Characters);        // the third makes the first leave
        }

        _test.Time.Advance(TimeSpan.FromDays(1));
        await _test.Sessions.SweepAsync(Aborted);

        Assert.Equal(4, _measured.Of("rnn.sessions.created").Count);
        Assert.Equal(
            ["deleted", "evicted", "expired", "expired"],
            _measured.Of("rnn.sessions.ended").Select(end => end.Labels.Replace($"{Model},reason=", "", StringComparison.Ordinal)));
        Assert.Equal((0, 0), _test.Store.Held);
    }

    [Fact]
    public async Task A_session_that_is_replayed_is_counted_once_that_is_kept()
    {
        var session = await _test.Sessions.CreateAsync(_test.Engine.Models.Get(TestEngine.Characters, null), new() { InputsKept = 4 }, Aborted);
        await _test.RunAsync(new() { Session = session.Id, Input = new() { Text = "a" } });
        Assert.Empty(_measured.Of("rnn.sessions.replayed"));

        await _test.Sessions.MoveByReplayAsync(session.Id, version: null, tag: null, Aborted);
        await _test.RunAsync(new() { Session = session.Id, Input = new() { Text = "b" } });

        Assert.Equal((1, Model), Assert.Single(_measured.Of("rnn.sessions.replayed")));
    }

    [Fact]
    public async Task A_durable_store_s_cache_tells_what_it_holds_and_what_has_left_it()
    {
        var cache = new SessionCache(new() { Capacity = 1 }, new EngineMetrics(_test.Meter));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            cache.Put(await _test.Sessions.GetAsync(await _test.NewSessionAsync(TestEngine.Characters), Aborted));
        }

        Assert.Equal(1, cache.Held.Count);
        Assert.True(cache.Held.Bytes > 0);
        Assert.Equal((1, Model), Assert.Single(_measured.Of("rnn.sessions.spilled")));
    }

    [Fact]
    public void A_tick_is_measured_without_allocating()
    {
        using var meter = new Meter("test");
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        var sum = 0.0;
        listener.SetMeasurementEventCallback<double>((_, value, labels, _) => sum += labels.Length);
        listener.SetMeasurementEventCallback<int>((_, value, labels, _) => sum += labels.Length);
        listener.Start();
        var model = new EngineMetrics(meter).Of("lstm", 1);
        Measure();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(12, sum);

        void Measure()
        {
            var began = Stopwatch.GetTimestamp();
            model.Queued();
            model.Dequeued();
            model.Waited(began, began + 1);
            model.Ticked(64, 64, began);
        }
    }
}
