using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.Faults;

/// <summary>SQLite on a disk that takes nothing more: what is there can be read, nothing is lost, and it goes on when there is room.</summary>
[Collection(FaultRun.Name)]
public sealed class FullDiskTests : IDisposable
{
    readonly CountingModel _models = new();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _models.Dispose();

    [Fact]
    public async Task A_full_disk_is_a_507_that_leaves_all_sessions_as_they_were_and_heals_without_a_restart()
    {
        using var disk = SmallDisk.Mount();
        var file = new SqliteFile(disk.Path);
        // Others fill it, whatever is left.
        await using var server = await ServerProcess.StartNewAsync(_models.Path, [.. file.Settings, "Store:DiskReserve=0"]);
        using var client = new ChainClient(server);
        var sessions = await client.CreateManyAsync(20);
        await client.StepAllAsync(sessions, 5);

        for (var time = 0; time < 3; time++)
        {
            disk.Fill();
            await FillAsync(client, sessions[0]);
            await Task.WhenAll(sessions.Select(session => ExpectUnchangedAsync(client, server, session)));

            disk.Free();
            await client.StepAllAsync(sessions, 5);
        }

        await ChainCheck.VerifyAsync(client, sessions);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("ok", file.Check());
        FaultRun.Tell(client.Figures);
    }

    [Fact]
    public async Task A_disk_that_its_own_sessions_fill_takes_new_ones_once_others_are_deleted()
    {
        const int Most = 20_000;
        using var disk = SmallDisk.Mount(megabytes: 64);
        var file = new SqliteFile(disk.Path);
        await using var server = await ServerProcess.StartNewAsync(
            Path.Combine(AppContext.BaseDirectory, "models"), [.. file.Settings, "Store:DiskReserve=40000000"]);
        using var client = new HttpClient { BaseAddress = server.Address };
        var sessions = new List<string>();
        while (await CreateAsync() is { } session)
        {
            sessions.Add(session);
            Assert.InRange(sessions.Count, 1, Most);
        }

        await RnnApplication.PostAsync(client, $"/api/v1/sessions/{sessions[0]}/step", new { text = "e" });
        await Parallel.ForEachAsync(sessions, Aborted, async (session, _) =>
            await RnnApplication.SendAsync(client, "DELETE", $"/api/v1/sessions/{session}", status: HttpStatusCode.NoContent));

        Assert.NotNull(await CreateAsync());

        async Task<string?> CreateAsync()
        {
            using var reply = await client.PostAsJsonAsync(new Uri("/api/v1/sessions", UriKind.Relative), new { model = "austen" }, Aborted);
            if (reply.StatusCode == HttpStatusCode.InsufficientStorage)
            {
                return null;
            }

            Assert.Equal(HttpStatusCode.Created, reply.StatusCode);
            return (string)(await reply.Content.ReadFromJsonAsync<JsonObject>(Aborted))!["id"]!;
        }
    }

    [Fact]
    public async Task A_server_does_not_start_on_a_disk_that_it_may_not_write_to_and_says_so()
    {
        using var disk = SmallDisk.Mount();
        var file = new SqliteFile(disk.Path);
        await using var server = await ServerProcess.StartNewAsync(_models.Path, file.Settings);
        Assert.Equal(0, await server.StopAsync());

        disk.MakeReadOnly();
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(server.StartAsync);

        Assert.Contains("exit code 1", exception.Message, StringComparison.Ordinal);
        Assert.Matches("Stopped: Store:Path '.*sessions.db' can't be used: it may not be written to", exception.Message);
    }

    /// <summary>Steps until the room that the database had set aside is used up too.</summary>
    static async Task FillAsync(ChainClient client, History session)
    {
        const int Most = 5_000;
        for (var step = 0; step < Most; step++)
        {
            if ((await client.TryStepAsync(session, 1)).Status == HttpStatusCode.InsufficientStorage)
            {
                return;
            }
        }

        Assert.Fail($"{Most} steps went on to a full disk.");
    }

    static async Task ExpectUnchangedAsync(ChainClient client, ServerProcess server, History session)
    {
        var before = await client.StateOfAsync(session.Session);

        var (status, text) = await client.TryStepAsync(session, 1);
        Assert.True(status == HttpStatusCode.InsufficientStorage, $"{(int)status}: {text}\n{server.Log}");
        Assert.Contains("\"detail\":", text, StringComparison.Ordinal);

        Assert.Equal(session.Count, await client.StepOfAsync(session.Session));
        Assert.Equal(before, await client.StateOfAsync(session.Session));
        var (peek, _) = await client.SendAsync(
            server, HttpMethod.Post, $"/api/v1/sessions/{session.Session}/step", new { values = new[] { 1 }, commit = false });
        Assert.Equal(HttpStatusCode.OK, peek.StatusCode);
    }
}
