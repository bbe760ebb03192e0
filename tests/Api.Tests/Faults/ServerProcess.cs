using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rnn.Api.Tests.Faults;

/// <summary>The server in a process of its own, to be killed, paused, stopped and started again on the same store.</summary>
sealed partial class ServerProcess : IEndpoint, IAsyncDisposable
{
    const int MaxTries = 1_000;

    // What "docker stop" gives.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    readonly string[] _arguments;
    readonly ConcurrentQueue<string> _log = [];
    readonly HttpClient _client = new();
    Process? _process;

    ServerProcess(string[] arguments) => _arguments = arguments;

    /// <summary>Where it listens; after a restart elsewhere.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>The last lines of its log.</summary>
    public string Log => string.Join('\n', _log.TakeLast(50));

    /// <param name="models">The folder of the models.</param>
    /// <param name="settings">Settings such as <c>Store:Kind=Sqlite</c>.</param>
    public static async Task<ServerProcess> StartNewAsync(string models, params string[] settings)
    {
        var server = new ServerProcess(
        [
            Path.Combine(AppContext.BaseDirectory, "Rnn.Api.dll"), "--urls=http://127.0.0.1:0", $"--Models:Path={models}",
            "--Serilog:MinimumLevel:Default=Error", "--Serilog:MinimumLevel:Override:Microsoft.Hosting.Lifetime=Information",
            .. settings.Select(setting => $"--{setting}"),
        ]);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, also again; returns when it is ready.</summary>
    /// <exception cref="InvalidOperationException">It has ended instead; its log says why.</exception>
    public async Task StartAsync()
    {
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process?.Dispose();
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", _arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        _process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        _process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var ended = _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(listening.Task, ended);
        if (ended.IsCompleted)
        {
            throw new InvalidOperationException($"The server has ended with exit code {_process.ExitCode}:\n{Log}");
        }

        Address = await listening.Task;
        for (var tries = 0; !await IsReadyAsync(); tries++)
        {
            Assert.True(tries < MaxTries, $"The server does not become ready.\n{Log}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>kill -9: it has no time to tidy up.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGTERM, as a container is stopped; and as there, it is given so long to end by itself.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        grace.CancelAfter(Grace);
        await _process!.WaitForExitAsync(grace.Token);
        return _process.ExitCode;
    }

    /// <summary>Halts it in the midst of whatever it does.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on, as if no time had passed.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _client.Dispose();
    }

    async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
        {
            listening.TrySetResult(new Uri(match.Groups["address"].Value));
        }
    }

    async Task<bool> IsReadyAsync()
    {
        using var response = await _client.GetAsync(new Uri(Address, "/health/ready"), TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode;
    }

    [GeneratedRegex("Now listening on: [\\\\\"]*(?<address>http://[0-9.:]+)")]
    private static partial Regex Listening();
}
