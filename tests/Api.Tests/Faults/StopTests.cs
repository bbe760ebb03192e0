using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Faults;

/// <summary>SIGTERM: the server ends what it has begun, and is ended in time.</summary>
[Collection(FaultRun.Name)]
public sealed class StopTests : IDisposable
{
    readonly CountingModel _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task Asked_to_stop_amid_calls_and_streams_it_ends_in_time_and_what_it_acknowledged_is_kept()
    {
        for (var stop = 0; stop < FaultRun.Stops; stop++)
        {
            using var file = new SqliteFile();

            await StopAsync(file.Settings);

            Assert.Equal("ok", file.Check());
        }
    }

    [Fact]
    public async Task Asked_to_stop_it_keeps_what_it_acknowledged_in_Redis_too()
    {
        await using var redis = await RedisServer.StartNewAsync();
        for (var stop = 0; stop < FaultRun.Stops; stop++)
        {
            await StopAsync("Store:Kind=Redis", $"Store:Redis={redis.Address}", $"Store:KeyPrefix=stop-{stop}:");
        }
    }

    async Task StopAsync(params string[] store)
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path, [.. store, EventReader.Setting]);
        using var client = new ChainClient(server) { MayBreak = true };
        var sessions = await client.CreateManyAsync(100);
        var streams = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => EventReader.BeginAsync(client, server, $"stream-{number}")));
        var reading = Task.WhenAll(streams.Select(stream => stream.ReadAsync()));
        using var load = new Load(client, sessions, clients: 100);
        await load.WhenSteppedAsync(Random.Shared.Next(100, 1_000));

        Assert.Equal(0, await server.StopAsync());
        await reading;
        await server.StartAsync();
        await load.WhenSteppedAsync(1_000);
        await load.EndAsync();

        await ChainCheck.VerifyAsync(client, sessions);
        foreach (var stream in streams)
        {
            Assert.Equal("error", stream.End);               // which says that the server was stopping
            Assert.Equal(stream.Told, await client.StepOfAsync(stream.Session));
            stream.Dispose();
        }

        Assert.Equal(0, await server.StopAsync());
        FaultRun.Tell($"{client.Figures}; {streams.Sum(stream => stream.Told)} events of {streams.Length} streams");
    }
}
