using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Faults;

/// <summary>Two servers that share their sessions in one Redis.</summary>
[Collection(FaultRun.Name)]
public sealed class ReplicaTests : IDisposable
{
    readonly CountingModel _models = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task Sixteen_clients_of_one_session_on_two_servers_make_one_chain()
    {
        const int StepsEach = 50;
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);
        using var client = new ChainClient(one, other);
        var session = await client.CreateAsync("shared");

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var step = 0; step < StepsEach; step++)
            {
                await client.StepAsync(session, Random.Shared.Next(10));
            }
        }));

        Assert.Equal(16 * StepsEach, session.Count);
        await ChainCheck.VerifyAsync(client, session);
        FaultRun.Tell(client.Figures);
    }

    [Fact]
    public async Task What_a_server_writes_too_late_because_it_was_halted_is_refused()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);
        using var client = new ChainClient(one, other) { MayBreak = true, Patience = TimeSpan.FromMilliseconds(300) };
        var sessions = await client.CreateManyAsync(8);
        using var load = new Load(client, sessions, clients: 32);

        for (var pause = 0; pause < Math.Max(3, FaultRun.Kills / 2); pause++)
        {
            await load.WhenSteppedAsync(200);
            await one.PauseAsync();
            await load.WhenSteppedAsync(100);                // by the other, with what the halted one has in its hands
            await one.ResumeAsync();
        }

        await load.EndAsync();
        await ChainCheck.VerifyAsync(client, sessions);
        FaultRun.Tell(client.Figures);
    }

    [Fact]
    public async Task Redis_killed_and_its_connections_cut_is_a_503_and_nothing_is_lost_doubled_or_mixed()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);
        using var client = new ChainClient(one, other);
        var sessions = await client.CreateManyAsync(20);
        using var load = new Load(client, sessions, clients: 40);

        for (var kill = 0; kill < Math.Max(2, FaultRun.Kills / 2); kill++)
        {
            for (var cut = 0; cut < 3; cut++)
            {
                await load.WhenSteppedAsync(Random.Shared.Next(20, 100));
                await redis.SendAsync("CLIENT", "KILL", "TYPE", "normal");
            }

            await load.WhenSteppedAsync(Random.Shared.Next(20, 100));
            await redis.KillAsync();
            await Task.Delay(TimeSpan.FromSeconds(FaultRun.IsThorough ? 5 : 1.5), Aborted);
            await redis.StartAsync();
            await load.WhenSteppedAsync(20);
        }

        await load.EndAsync();
        await ChainCheck.VerifyAsync(client, sessions);
        FaultRun.Tell(client.Figures);
    }

    /// <summary>
    /// With more answers kept than steps can come between a call whose answer is lost and the same call sent again: beyond that a
    /// call can't be known again.
    /// </summary>
    Task<ServerProcess> StartAsync(RedisServer redis) =>
        ServerProcess.StartNewAsync(_models.Path, "Store:Kind=Redis", $"Store:Redis={redis.Address}", "Sessions:KeptAnswers=400");
}
