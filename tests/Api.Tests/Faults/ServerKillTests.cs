using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Faults;

/// <summary>kill -9 of the server: what was acknowledged is there when it comes back, once.</summary>
[Collection(FaultRun.Name)]
public sealed class ServerKillTests : IDisposable
{
    const int MaxOnTheirWay = 100;
    const int Sessions = 200;
    const int StepsEach = 50;

    readonly CountingModel _models = new();
    readonly SqliteFile _file = new();

    public void Dispose()
    {
        _models.Dispose();
        _file.Dispose();
    }

    [Fact]
    public async Task Killed_amid_ten_thousand_steps_nothing_is_lost_or_doubled_in_SQLite()
    {
        for (var kill = 0; kill < FaultRun.Kills; kill++)
        {
            using var file = new SqliteFile();
            await using var server = await ServerProcess.StartNewAsync(_models.Path, file.Settings);

            await KillAsync(server);

            await server.KillAsync();
            Assert.Equal("ok", file.Check());
        }
    }

    [Fact]
    public async Task Killed_amid_ten_thousand_steps_nothing_is_lost_or_doubled_in_Redis()
    {
        await using var redis = await RedisServer.StartNewAsync();
        for (var kill = 0; kill < FaultRun.Kills; kill++)
        {
            await using var server = await ServerProcess.StartNewAsync(
                _models.Path, "Store:Kind=Redis", $"Store:Redis={redis.Address}", $"Store:KeyPrefix=kill-{kill}:");

            await KillAsync(server);
        }
    }

    [Fact]
    public async Task A_killed_servers_session_has_every_timestep_that_a_stream_told()
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path, [.. _file.Settings, EventReader.Setting]);
        using var client = new ChainClient(server) { MayBreak = true };
        for (var kill = 0; kill < FaultRun.Kills; kill++)
        {
            var streams = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => EventReader.BeginAsync(client, server, $"stream-{kill}-{number}")));
            var reading = Task.WhenAll(streams.Select(stream => stream.ReadAsync()));
            var enough = Random.Shared.Next(10, 500);
            await FaultRun.UntilAsync(() => streams.Sum(stream => stream.Told) >= enough, () => $"The streams have stopped.\n{server.Log}");

            await server.KillAsync();
            await reading;
            await server.StartAsync();

            foreach (var stream in streams)
            {
                // Never behind. Ahead by what was kept and on its way: events that the server had not handed to the network die with it.
                Assert.InRange(await client.StepOfAsync(stream.Session), stream.Told, stream.Told + MaxOnTheirWay);
                stream.Dispose();
            }

            FaultRun.Tell($"killed after {streams.Sum(stream => stream.Told)} events of {streams.Length} streams");
        }
    }

    static async Task KillAsync(ServerProcess server)
    {
        using var client = new ChainClient(server) { MayBreak = true };
        var sessions = await client.CreateManyAsync(Sessions);
        var kill = Random.Shared.Next(Sessions * StepsEach);

        var stepping = client.StepAllAsync(sessions, StepsEach);
        await client.WhenAcknowledgedAsync(kill, stepping);
        await server.KillAsync();
        await server.StartAsync();
        await stepping;

        Assert.Equal(Sessions * StepsEach, client.Acknowledged);
        await ChainCheck.VerifyAsync(client, sessions);
        FaultRun.Tell($"killed after {kill}: {client.Figures}");
    }
}
