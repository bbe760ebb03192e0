using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Rnn.Engine.Callers;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Tests;

/// <summary>An engine with small models and a clock that tests move.</summary>
public sealed class TestEngine
{
    public TestEngine(SessionOptions? sessions = null, RequestLimits? limits = null, BatchOptions? batching = null, params RecurrentModel[] models)
    {
        sessions ??= new();
        Catalog = new ModelCatalog(
            [Golden.Load("characters-embedding-lstm-dense").Model, Golden.Load("words-gru-classes").Model, Golden.Load("lstm").Model, .. models]);
        var metrics = new EngineMetrics(Meter);
        Store = new MemorySessionStore(sessions, Turns, Time, metrics);
        Sessions = new SessionTable(Store, Turns, new VisibleModels(Catalog, () => Caller), sessions, Time, metrics);
        Engine = new InferenceEngine(Sessions, limits ?? new(), batching ?? new(), metrics);
    }

    public const string Characters = "characters-embedding-lstm-dense";
    public const string Words = "words-gru-classes";
    public const string Features = "lstm";

    public Meter Meter { get; } = new(EngineMetrics.MeterName);

    /// <summary>On whose behalf the engine is called.</summary>
    public Caller Caller { get; set; } = Caller.Anyone;

    public ModelCatalog Catalog { get; }

    public FakeTimeProvider Time { get; } = new();

    public Turns Turns { get; } = new();

    public MemorySessionStore Store { get; }

    public SessionTable Sessions { get; }

    public InferenceEngine Engine { get; }

    /// <summary>Runs a request to its end and commits it.</summary>
    public async Task<(List<Timestep> Timesteps, InferenceRun Run)> RunAsync(InferenceRequest request)
    {
        using var run = await Engine.StartAsync(request, TestContext.Current.CancellationToken);
        var timesteps = await run.RunAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.True(await run.CommitAsync("", default));
        return (timesteps, run);
    }

    public async Task<string> NewSessionAsync(string model, int history = 0) => (await Sessions.CreateAsync(
        Engine.Models.Get(model, null), new() { History = history }, TestContext.Current.CancellationToken)).Id;

    /// <summary>The state of a session at a step; null for the present one.</summary>
    public async Task<float[]> StateAsync(string id, long? step = null) =>
        (await Sessions.GetStateAsync(id, step, TestContext.Current.CancellationToken)).State.Values.ToArray();

    public async Task<long> StepAsync(string id) => (await Sessions.GetAsync(id, TestContext.Current.CancellationToken)).State.Step;
}
