using System.Collections.Concurrent;
using System.Diagnostics;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Tests.Telemetry;

public sealed class EngineTracingTests : IDisposable
{
    readonly TestEngine _test = new();
    readonly ActivitySource _callers = new("callers");
    readonly ConcurrentQueue<Activity> _spans = [];
    readonly ActivityListener _listener;

    public EngineTracingTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source == _callers || source.Name == EngineTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent == default && options.Name != "recorded"
                ? ActivitySamplingResult.None                          // calls of other tests
                : ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        _callers.Dispose();
    }

    [Fact]
    public async Task A_call_and_its_ticks_are_part_of_the_caller_s_trace()
    {
        using var caller = _callers.StartActivity("recorded")!;
        await _test.RunAsync(new() { Model = TestEngine.Characters, Input = new() { Text = "ab" }, Generation = new() { MaxLength = 3 } });
        Assert.Same(caller, Activity.Current);

        var spans = _spans.Where(span => span.TraceId == caller.TraceId).ToLookup(span => span.OperationName);
        var call = Assert.Single(spans["rnn.call"]);
        Assert.Equal(caller.SpanId, call.ParentSpanId);
        Assert.Equal(TestEngine.Characters, call.GetTagItem("model"));
        Assert.Equal(5L, call.GetTagItem("rnn.steps"));
        Assert.Equal(4, spans["rnn.tick"].Count());                    // the prompt, and each token
        Assert.All(spans["rnn.tick"], tick =>
        {
            Assert.Equal(call.SpanId, tick.ParentSpanId);
            Assert.Equal(1, tick.GetTagItem("rnn.batch.size"));
        });
    }

    [Fact]
    public async Task A_call_that_fails_says_so_in_its_span()
    {
        using var caller = _callers.StartActivity("recorded")!;
        await Assert.ThrowsAsync<EngineException>(() => _test.Engine.StartAsync(new() { Model = "nobody" }, Aborted));

        var call = Assert.Single(_spans, span => span.TraceId == caller.TraceId);
        Assert.Equal(ActivityStatusCode.Error, call.Status);
        Assert.Equal("model-not-found", call.GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_tick_is_the_first_caller_s_and_linked_to_the_others()
    {
        var model = _test.Engine.Models.Get(TestEngine.Characters, null);
        var batcher = new StepBatcher(model, new());
        BatchJob[] jobs = [JobOf("recorded"), JobOf(null), JobOf("recorded")];
        batcher.Run(jobs);
        await Task.WhenAll(jobs.Select(job => job.Task));

        var tick = Assert.Single(_spans, span => span.TraceId == jobs[0].Caller.TraceId && span.OperationName == "rnn.tick");
        Assert.Equal(jobs[0].Caller.SpanId, tick.ParentSpanId);
        Assert.Equal(jobs[2].Caller, Assert.Single(tick.Links).Context);
        Assert.Equal(3, tick.GetTagItem("rnn.batch.size"));
        Assert.Equal(1, tick.GetTagItem("rnn.timesteps"));

        BatchJob JobOf(string? caller)
        {
            using var activity = caller is null ? null : _callers.StartActivity(caller, ActivityKind.Internal, parentContext: default);
            return new BatchJob(new RecurrentState(model.Layout), new InputSequence(new[] { 1 }), default, Aborted);
        }
    }

    [Fact]
    public void A_trace_that_is_not_recorded_is_not_followed()
    {
        using var caller = new Activity("not recorded").Start();

        Assert.Equal(default, EngineTracing.Caller());
    }
}
