using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Rnn.Api.Tests.Storage;

namespace Rnn.Api.Tests.Faults;

/// <summary>A real nginx in front of two servers, with the configuration that the compose file uses.</summary>
sealed class Gateway : IEndpoint, IAsyncDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-nginx-");
    readonly Process _process;

    Gateway(string program, string configuration, int port)
    {
        Address = new Uri($"http://127.0.0.1:{port}");
        File.WriteAllText(Path.Combine(_folder.FullName, "nginx.conf"), configuration);
        var user = Environment.IsPrivilegedProcess ? "user root; " : "";
        _process = Process.Start(
            program, ["-p", _folder.FullName, "-c", "nginx.conf", "-e", LogPath, "-g", $"{user}daemon off; pid nginx.pid; error_log {LogPath};"]);
    }

    public Uri Address { get; }

    public string Log => File.Exists(LogPath) ? string.Join('\n', File.ReadLines(LogPath).TakeLast(20)) : "";

    string LogPath => Path.Combine(_folder.FullName, "error.log");

    static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, "nginx"))
        .FirstOrDefault(File.Exists);

    /// <param name="one">A server.</param>
    /// <param name="other">Another.</param>
    /// <param name="hashes">Whether the calls of a session go to the same server; if not, to either in turn.</param>
    public static async Task<Gateway> StartNewAsync(IEndpoint one, IEndpoint other, bool hashes)
    {
        Assert.SkipUnless(Program is not null, "nginx is not installed.");
        var port = Loopback.FreePort();
        var configuration = (await File.ReadAllTextAsync(ConfigurationPath(), TestContext.Current.CancellationToken))
            .Replace("rnn-1:8080", one.Address.Authority, StringComparison.Ordinal)
            .Replace("rnn-2:8080", other.Address.Authority, StringComparison.Ordinal)
            .Replace("listen 8080;", $"listen 127.0.0.1:{port};", StringComparison.Ordinal)
            .Replace("http {", "http { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;", StringComparison.Ordinal);
        const string Hash = "hash $session consistent;";
        Assert.Contains(Hash, configuration, StringComparison.Ordinal);

        var gateway = new Gateway(Program!, hashes ? configuration : configuration.Replace(Hash, "", StringComparison.Ordinal), port);
        await FaultRun.UntilAsync(gateway.Answers, () => $"nginx does not answer.\n{gateway.Log}");
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))     // its workers end with it
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    bool Answers()
    {
        Assert.False(_process.HasExited, $"nginx has ended.\n{Log}");
        try
        {
            using var client = new TcpClient();
            client.Connect(Address.Host, Address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static string ConfigurationPath([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../deploy/nginx.conf"));
}
