using Rnn.Engine.Callers;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Engine.Tests.Sessions;

/// <summary>Two engines over one store, as two servers are: neither knows whose turn it is at the other.</summary>
public sealed class TwoServersTests
{
    readonly TestEngine _test = new();
    readonly InferenceEngine[] _engines;

    public TwoServersTests()
    {
        var models = _test.Catalog;
        _engines = [.. Enumerable.Range(0, 2).Select(_ => new InferenceEngine(
            new SessionTable(new RemoteStore(_test.Store), new Turns(), new VisibleModels(models, () => Caller.Anyone), new(), _test.Time), new(), new()))];
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_at_both_are_applied_one_after_the_other_and_each_once()
    {
        const int Callers = 16, Calls = 20;
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        var steps = new (long Step, char Text)[Callers * Calls];

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (var call = 0; call < Calls; call++)
            {
                var text = (char)('a' + (caller + call) % 8);
                steps[caller * Calls + call] = (await StepAsync(_engines[caller % 2], session, text, $"{caller}-{call}"), text);
            }
        }));

        var inOrder = steps.OrderBy(step => step.Step).ToList();
        Assert.Equal(Enumerable.Range(1, steps.Length).Select(step => (long)step), inOrder.Select(step => step.Step));
        var replay = await _test.NewSessionAsync(TestEngine.Characters);
        await _test.RunAsync(new() { Session = replay, Input = new() { Text = string.Concat(inOrder.Select(step => step.Text)) } });
        Assert.Equal(await _test.StateAsync(replay), await _test.StateAsync(session));
    }

    [Fact]
    public async Task The_same_call_at_both_is_applied_once_and_answered_twice_alike()
    {
        for (var round = 0; round < 50; round++)
        {
            var session = await _test.NewSessionAsync(TestEngine.Characters);

            var steps = await Task.WhenAll(_engines.Select(engine => StepAsync(engine, session, 'a', "key")));

            Assert.Equal([1, 1], steps);
            Assert.Equal(1, await _test.StepAsync(session));
        }
    }

    [Fact]
    public async Task A_generation_that_another_server_has_overtaken_says_so_and_what_it_told_is_in_the_session()
    {
        var session = await _test.NewSessionAsync(TestEngine.Characters);
        using var run = await _engines[0].StartAsync(
            new() { Session = session, Input = new() { Text = "a" }, Generation = new() { MaxLength = 100 } }, Aborted);
        await using var timesteps = run.RunAsync(Aborted).GetAsyncEnumerator(Aborted);
        for (var told = 0; told < 5; told++)
        {
            Assert.True(await timesteps.MoveNextAsync());
            Assert.True(await run.CommitAsync("", default));
        }

        Assert.Equal(7, await StepAsync(_engines[1], session, 'b', "key"));
        Assert.True(await timesteps.MoveNextAsync());

        Assert.False(await run.CommitAsync("", default));
        Assert.Equal(7, await _test.StepAsync(session));
    }

    /// <summary>Takes one step, as a server does, and gives the number it led to.</summary>
    static async Task<long> StepAsync(InferenceEngine engine, string session, char text, string key)
    {
        using var run = await engine.StartAsync(
            new() { Session = session, Call = new IdempotencyKey(key, 1), Input = new() { Text = text.ToString() } }, Aborted);
        while (run.Answer is null)
        {
            await run.RunAsync(Aborted).ToListAsync(Aborted);
            if (await run.CommitAsync("", BitConverter.GetBytes(run.State.Step)))
            {
                return run.State.Step;
            }

            await run.BeginAgainAsync(Aborted);
        }

        return BitConverter.ToInt64(run.Answer.Body.Span);
    }
}
