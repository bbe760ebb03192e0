namespace Rnn.Api.Tests.Faults;

/// <summary>SIGTERM: the server ends what it has begun, and is ended in time.</summary>
[Collection(FaultRun.Name)]
public sealed class StopTests : IDisposable
{
    readonly CountingModel _models = new();
    readonly SqliteFile _file = new();

    public void Dispose()
    {
        _models.Dispose();
        _file.Dispose();
    }

    [Fact]
    public async Task Asked_to_stop_amid_calls_and_streams_it_ends_in_time_and_what_it_acknowledged_is_kept()
    {
        await using var server = await ServerProcess.StartNewAsync(_models.Path, [.. _file.Settings, EventReader.Setting]);
        using var client = new ChainClient(server) { MayBreak = true };
        var sessions = await client.CreateManyAsync(100);
        var streams = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => EventReader.BeginAsync(client, server, $"stream-{number}")));
        var reading = Task.WhenAll(streams.Select(stream => stream.ReadAsync()));
        using var load = new Load(client, sessions, clients: 100);
        await load.WhenSteppedAsync(1_000);

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
        Assert.Equal("ok", _file.Check());
        FaultRun.Tell($"{client.Figures}; {streams.Sum(stream => stream.Told)} events of {streams.Length} streams");
    }
}
