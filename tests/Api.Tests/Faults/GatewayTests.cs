using System.Globalization;
using System.Text.RegularExpressions;
using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Faults;

/// <summary>Two servers on one Redis behind nginx, as the compose file has them.</summary>
[Collection(FaultRun.Name)]
public sealed partial class GatewayTests : IDisposable
{
    const int Sessions = 20, Steps = 50;

    readonly CountingModel _models = new();

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sessions_behind_nginx_make_their_chains_whether_it_keeps_them_at_one_server_or_not(bool hashes)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);
        await using var gateway = await Gateway.StartNewAsync(one, other, hashes);
        using var client = new ChainClient(gateway);
        var sessions = await client.CreateManyAsync(Sessions);
        var before = await ReadsAsync(redis);

        await client.StepAllAsync(sessions, Steps);

        // A session that stays at its server is read there once; one that does not, nearly every time.
        var reads = await ReadsAsync(redis) - before;
        Assert.True(hashes ? reads <= 2 * Sessions : reads > Sessions * Steps / 4, $"{reads} reads");
        await ChainCheck.VerifyAsync(client, sessions);
        FaultRun.Tell($"{client.Figures}; {reads} reads");
    }

    [Fact]
    public async Task When_a_server_dies_its_sessions_go_on_at_the_other()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);
        await using var gateway = await Gateway.StartNewAsync(one, other, hashes: true);
        using var client = new ChainClient(gateway) { MayBreak = true };
        var sessions = await client.CreateManyAsync(Sessions);
        var stepping = client.StepAllAsync(sessions, Steps);

        await client.WhenAcknowledgedAsync(Sessions * Steps / 4, stepping);
        await one.KillAsync();
        await stepping;

        await ChainCheck.VerifyAsync(client, sessions);
        FaultRun.Tell(client.Figures);
    }

    Task<ServerProcess> StartAsync(RedisServer redis) =>
        ServerProcess.StartNewAsync(_models.Path, "Store:Kind=Redis", $"Store:Redis={redis.Address}");

    static async Task<int> ReadsAsync(RedisServer redis)
    {
        var statistics = (string)(await redis.SendAsync("INFO", "commandstats"))!;
        return Reads().Match(statistics) is { Success: true } match ? int.Parse(match.Groups["calls"].Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex("cmdstat_get:calls=(?<calls>[0-9]+)")]
    private static partial Regex Reads();
}
