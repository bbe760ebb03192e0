using System.Diagnostics;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Observability;

/// <summary>A real Prometheus of a test's own, which reads one server five times a second.</summary>
sealed class PrometheusServer : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-prometheus-");
    readonly HttpClient _client;
    readonly Process _process;

    PrometheusServer(Uri target)
    {
        var port = Loopback.FreePort();
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        File.WriteAllText(configuration, $$"""
            global: { scrape_interval: 200ms, scrape_timeout: 200ms }
            scrape_configs:
              - job_name: rnn
                static_configs: [{ targets: ["{{target.Authority}}"] }]
            """);
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _process = Process.Start(new ProcessStartInfo(Program("prometheus")!,
        [
            $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}",
            $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ]))!;
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    /// <summary>Skips the test where it is not installed.</summary>
    public static PrometheusServer Start(Uri target)
    {
        Require();
        return new PrometheusServer(target);
    }

    /// <summary>Skips the test where Prometheus is not installed.</summary>
    public static void Require() => Assert.SkipUnless(Program("prometheus") is not null && Program("promtool") is not null, "prometheus is not installed.");

    /// <summary>Has promtool look at a file.</summary>
    public static async Task CheckAsync(params string[] arguments)
    {
        Require();
        using var process = Process.Start(new ProcessStartInfo(Program("promtool")!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Aborted), process.StandardError.ReadToEndAsync(Aborted));
        await process.WaitForExitAsync(Aborted);
        Assert.True(process.ExitCode == 0, $"promtool {string.Join(' ', arguments)}:\n{await output}{await error}");
    }

    /// <summary>The names of all metrics, once those wanted are among them.</summary>
    public async Task<HashSet<string>> NamesAsync(IReadOnlyCollection<string> wanted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
        patience.CancelAfter(Patience);
        HashSet<string> names = [];
        while (!patience.IsCancellationRequested && !wanted.All(names.Contains))
        {
            Assert.False(_process.HasExited, "prometheus has exited; its port may have been taken meanwhile.");
            try
            {
                names = [.. (await GetAsync("/api/v1/label/__name__/values"))["data"]!.AsArray().Select(name => (string)name!)];
            }
            catch (HttpRequestException)
            {
                // It is starting.
            }
        }

        return names;
    }

    /// <summary>The series that an expression gives now.</summary>
    public async Task<JsonArray> QueryAsync(string expression)
    {
        var answer = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}");
        Assert.True((string?)answer["status"] == "success", $"{expression}: {answer["error"]}");
        return answer["data"]!["result"]!.AsArray();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    static string? Program(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    async Task<JsonNode> GetAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), Aborted);
        var text = await response.Content.ReadAsStringAsync(Aborted);
        return text.StartsWith('{') ? JsonNode.Parse(text)! : throw new HttpRequestException(text);
    }
}
