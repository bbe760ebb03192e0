namespace Rnn.Api.Tests.Storage;

/// <summary>What keeps the sessions of a test's server: a file or a Redis of its own, gone with the test.</summary>
sealed class KeptSessions : IAsyncDisposable
{
    DirectoryInfo? _folder;
    RedisServer? _redis;

    /// <summary>The settings of a server that uses it.</summary>
    public Dictionary<string, string> Settings { get; } = new() { ["Limits:MaxGeneratedLength"] = "1000000" };

    public static async Task<KeptSessions> StartAsync(StoreKind kind)
    {
        var kept = new KeptSessions { Settings = { ["Store:Kind"] = $"{kind}" } };
        if (kind == StoreKind.Sqlite)
        {
            kept._folder = Directory.CreateTempSubdirectory("rnn-tests-");
            kept.Settings["Store:Path"] = Path.Combine(kept._folder.FullName, "sessions.db");
        }
        else if (kind == StoreKind.Redis)
        {
            kept._redis = await RedisServer.StartNewAsync();
            kept.Settings["Store:Redis"] = kept._redis.Address;
        }

        return kept;
    }

    /// <summary>A server that uses it, and that generates for as long as a test wants.</summary>
    public RnnApplication NewApplication()
    {
        var application = new RnnApplication();
        foreach (var (key, value) in Settings)
        {
            application.Settings[key] = value;
        }

        return application;
    }

    public async ValueTask DisposeAsync()
    {
        _folder?.Delete(recursive: true);
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }
}
