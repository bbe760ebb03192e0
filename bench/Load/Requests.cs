using System.Text;

namespace Rnn.Bench.Load;

/// <summary>Renders the requests of the connections, and makes the sessions that they step; ends those when disposed.</summary>
sealed class Requests(LoadOptions options, ServerApi api) : IAsyncDisposable
{
    readonly Random _random = new(1);
    readonly List<string> _sessions = [];
    int? _features;

    /// <summary>A call of so many timesteps, for a model that reads so many features; text if that is none.</summary>
    public static string Body(int features, int timesteps)
    {
        var random = new Random(1);
        return features == 0
            ? $$"""{"text":"{{new string('e', timesteps)}}"}"""
            : $$"""{"values":{{(timesteps == 1 ? Vector(random, features) : $"[{string.Join(',', Enumerable.Range(0, timesteps).Select(_ => Vector(random, features)))}]")}}}""";
    }

    /// <summary>The bytes of the request that connection <paramref name="n"/> sends again and again.</summary>
    public async Task<byte[]> StepAsync(int n)
    {
        var features = await FeaturesAsync();
        return Post(await StepPathAsync(n), Step(features));
    }

    /// <summary>A session's socket, and the step that is sent over it.</summary>
    public async Task<(Uri Socket, string Step)> SocketAsync()
    {
        var features = await FeaturesAsync();
        var socket = new UriBuilder(options.Url) { Scheme = Uri.UriSchemeWs, Path = $"/api/v1/sessions/{await CreateSessionAsync()}/socket" };
        return (socket.Uri, Step(features));
    }

    public async Task<byte[]> GenerateAsync()
    {
        var features = await FeaturesAsync();
        var prompt = features == 0 ? "\"text\":\"e\"" : $"\"values\":[{Vector(_random, features)}]";
        return Post($"/api/v1/models/{options.Model}/generate", $$"""{{{prompt}},"maxLength":{{options.Length}},"stream":true}""");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
        {
            await api.DeleteSessionAsync(session);
        }
    }

    async Task<int> FeaturesAsync() =>
        _features ??= options.Path is null ? await api.FeaturesAsync(options.Model) : options.Features;

    async Task<string> StepPathAsync(int n)
    {
        if (options.Path is not null)
        {
            return options.Path.Replace("{n}", $"{n}");
        }

        if (options.IsStateless)
        {
            return $"/api/v1/models/{options.Model}/step";
        }

        return $"/api/v1/sessions/{await CreateSessionAsync()}/step";
    }

    async Task<string> CreateSessionAsync()
    {
        var session = await api.CreateSessionAsync(options.Model);
        _sessions.Add(session);
        return session;
    }

    string Step(int features) => features == 0 ? """{"text":"e"}""" : $$"""{"values":{{Vector(_random, features)}}}""";

    static string Vector(Random random, int features)
    {
        var numbers = new string[features];
        for (var i = 0; i < features; i++)
        {
            numbers[i] = $"{random.NextDouble() * 2 - 1:F6}";
        }

        return $"[{string.Join(',', numbers)}]";
    }

    byte[] Post(string path, string body) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {options.Url.Authority}\r\nContent-Type: application/json\r\n"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
}
