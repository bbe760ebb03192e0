using System.Diagnostics;

namespace Rnn.Bench.Load;

/// <summary>The CPU time that the server and this program take within the window.</summary>
/// <param name="processId">The server's process; none if it is not known.</param>
sealed class CpuMeter(int? processId) : IDisposable
{
    readonly Process? _server = processId is { } id ? Process.GetProcessById(id) : null;

    /// <summary>None if the server's process is not known, or has ended.</summary>
    public TimeSpan? Server { get; private set; }

    public TimeSpan Client { get; private set; }

    public async Task MeasureAsync(Window window)
    {
        await window.UntilFromAsync();
        var (server, client) = (ReadServer(), Environment.CpuUsage.TotalTime);
        await window.UntilToAsync();
        (Server, Client) = (ReadServer() - server, Environment.CpuUsage.TotalTime - client);
    }

    public void Dispose() => _server?.Dispose();

    TimeSpan? ReadServer()
    {
        if (_server is null || _server.HasExited)
        {
            return null;
        }

        _server.Refresh();
        return _server.TotalProcessorTime;
    }
}
