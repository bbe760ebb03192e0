using Microsoft.Extensions.Time.Testing;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests;

/// <summary>An engine with small models and a clock that tests move.</summary>
public sealed class TestEngine
{
    public TestEngine(SessionOptions? sessions = null, RequestLimits? limits = null, params RecurrentModel[] models)
    {
        Sessions = new SessionTable(sessions ?? new(), Time);
        Engine = new InferenceEngine(
            new ModelCatalog([Golden.Load("characters-embedding-lstm-dense").Model, Golden.Load("words-gru-classes").Model, Golden.Load("lstm").Model, .. models]),
            Sessions,
            limits ?? new(),
            new());
    }

    public const string Characters = "characters-embedding-lstm-dense";
    public const string Words = "words-gru-classes";
    public const string Features = "lstm";

    public FakeTimeProvider Time { get; } = new();

    public SessionTable Sessions { get; }

    public InferenceEngine Engine { get; }

    /// <summary>Runs a request to its end and commits it.</summary>
    public async Task<(List<Timestep> Timesteps, InferenceRun Run)> RunAsync(InferenceRequest request)
    {
        using var run = await Engine.StartAsync(request, TestContext.Current.CancellationToken);
        var timesteps = await run.RunAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        run.Commit();
        return (timesteps, run);
    }

    public string NewSession(string model) => Sessions.Create(null, Engine.Models.Get(model, null), null).Id;
}
