using Microsoft.Extensions.DependencyInjection;
using Rnn.Engine;
using Rnn.Engine.Codecs;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Tests.Faults;

/// <summary>Sessions whose time is up give back all that they took.</summary>
[Collection(FaultRun.Name)]
public sealed class SessionMemoryTests : IDisposable
{
    const int Sessions = 100_000;
    const double Margin = 1.05;

    readonly CountingModel _models = new();
    readonly RnnApplication _application;

    public SessionMemoryTests() => _application = new() { Settings = { ["Models:Path"] = _models.Path, ["Sessions:Capacity"] = $"{Sessions}" } };

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _application.Dispose();
        _models.Dispose();
    }

    [Fact]
    public async Task A_hundred_thousand_sessions_that_expired_leave_no_memory_behind()
    {
        await LiveAndExpireAsync();
        var before = GarbageCollected.Now();

        var most = await LiveAndExpireAsync();
        var after = GarbageCollected.Now();

        FaultRun.Tell($"{before} before, {most} with {Sessions} sessions, {after} after");
        Assert.True(most.Small > before.Small + Sessions * 100, "The measure does not see sessions.");
        Assert.InRange(after.Small, 0, before.Small * Margin);
        Assert.InRange(after.Total, 0, before.Total * Margin);
    }

    /// <returns>The memory while all of them lived.</returns>
    async Task<GarbageCollected> LiveAndExpireAsync()
    {
        var (sessions, model) = (_application.Engine.Sessions, _application.Engine.Models.Get(CountingModel.Counting, version: null));
        for (var number = 0; number < Sessions; number++)
        {
            var session = await sessions.CreateAsync(model, new NewSession(), Aborted);
            await StepAsync(session.Id);
        }

        var most = GarbageCollected.Now();
        _application.Time.Advance(new SessionOptions().TimeToLive);
        await sessions.SweepAsync(Aborted);

        Assert.Empty(await sessions.ListAsync(new SessionQuery(After: null, Limit: 1), Aborted));
        Assert.Equal(0, _application.Services.GetRequiredService<Turns>().Count);
        return most;
    }

    async Task StepAsync(string session)
    {
        using var run = await _application.Engine.StartAsync(
            new InferenceRequest { Session = session, Input = new ModelInput { Vector = [1] }, IsSingleStep = true }, Aborted);
        await foreach (var timestep in run.RunAsync(Aborted))
        {
            Assert.Equal(1, timestep.Step);
        }

        Assert.True(await run.CommitAsync("", default));
    }
}
