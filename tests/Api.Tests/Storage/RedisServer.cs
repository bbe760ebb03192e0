using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Rnn.Api.Tests.Storage;

/// <summary>
/// A real Redis of a test's own, on a free port of this machine and in a folder that goes with it. Each acknowledged write is on the
/// disk (appendfsync always): with everysec a kill may take the last ones along when the disk is slow.
/// </summary>
sealed class RedisServer : IAsyncDisposable
{
    readonly string[] _arguments;
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-redis-");
    Process? _process;

    RedisServer(string[] arguments) => _arguments = arguments;

    static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, "redis-server"), Path.Combine(folder, "valkey-server") })
        .FirstOrDefault(File.Exists);

    public static bool IsInstalled => Program is not null;

    public int Port { get; } = Loopback.FreePort();

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>A server that is not started yet and that keeps what it acknowledges; skips the test where there is none.</summary>
    /// <param name="arguments">Further arguments, which override the earlier ones.</param>
    public static RedisServer Prepare(params string[] arguments)
    {
        Assert.SkipUnless(IsInstalled, "redis-server is not installed.");
        return new RedisServer(arguments);
    }

    public static async Task<RedisServer> StartNewAsync(params string[] arguments)
    {
        var server = Prepare(arguments);
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it, also again, on the same port and folder; returns when it answers.</summary>
    public async Task StartAsync()
    {
        string[] arguments =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--logfile", "redis.log",
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", .. _arguments,
        ];
        _process = Process.Start(new ProcessStartInfo(Program!, arguments));
        while (!await AnswersAsync())
        {
            Assert.False(_process!.HasExited, "redis-server has exited; its port may have been taken meanwhile.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>kill -9: it has no time to tidy up.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public Task PauseAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Sends one command over a connection of its own.</summary>
    public async Task<RedisResult> SendAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true,tiebreaker=");
        return await connection.GetDatabase().ExecuteAsync(command, arguments);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte[5];
            await client.GetStream().ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG"u8) || answer.AsSpan().SequenceEqual("-NOAU"u8);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
