using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Rnn.Engine.Callers;
using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

namespace Rnn.Engine.Tests.Sessions.Replaying;

/// <summary>Sessions whose engine gets other models from time to time, as a server does: they stay, and so does whose turn it is.</summary>
sealed class Changing : IDisposable
{
    readonly SessionOptions _options;
    readonly Turns _turns = new();

    /// <param name="options">Of the sessions.</param>
    /// <param name="models">What is served at first.</param>
    public Changing(SessionOptions options, params RecurrentModel[] models)
    {
        _options = options;
        Store = new MemorySessionStore(options, _turns, Time);
        Serve(models);
    }

    public MemorySessionStore Store { get; }

    public FakeTimeProvider Time { get; } = new();

    public InferenceEngine Engine { get; private set; } = null!;

    public SessionTable Sessions => Engine.Sessions;

    public Meter Meter { get; } = new(EngineMetrics.MeterName);

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    /// <summary>Serves others from now on.</summary>
    public void Serve(params RecurrentModel[] models)
    {
        var visible = new VisibleModels(new ModelCatalog(models), () => Caller.Anyone);
        Engine = new(new SessionTable(Store, _turns, visible, _options, Time), new(), new(), new EngineMetrics(Meter));
    }

    public async Task<string> NewAsync(int keptInputs = 1_000, int history = 0, int? version = null) => (await Sessions.CreateAsync(
        Engine.Models.Get(SmallModels.Name, version), new() { InputsKept = keptInputs, History = history }, Aborted)).Id;

    public Task<InferenceRun> ReadAsync(string session, ModelInput input) => RunAsync(new() { Session = session, Input = input });

    public Task<InferenceRun> ReadAsync(string session, string text) => ReadAsync(session, new ModelInput { Text = text });

    /// <summary>Runs a request to its end and commits it.</summary>
    public async Task<InferenceRun> RunAsync(InferenceRequest request, List<Timestep>? told = null)
    {
        using var run = await Engine.StartAsync(request, Aborted);
        await foreach (var timestep in run.RunAsync(Aborted))
        {
            told?.Add(timestep);
        }

        Assert.True(await run.CommitAsync("", default));
        return run;
    }

    /// <summary>What is kept, whatever is served.</summary>
    public async Task<SessionRecord> RecordAsync(string session) => (await Store.ReadAsync(session, latest: true, Aborted))!;

    /// <summary>The state of a new session on a version that reads all of an input at once.</summary>
    public async Task<float[]> FreshAsync(ModelInput input, int? version = null)
    {
        var session = await NewAsync(keptInputs: 0, version: version);
        await ReadAsync(session, input);
        return (await RecordAsync(session)).State.Values;
    }

    public void Dispose() => Meter.Dispose();
}
