using System.Net.WebSockets;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>The real host in memory, with limits that a request soon meets, and its log watched.</summary>
sealed class FuzzHost : IDisposable
{
    // Much longer than any request takes, and shorter than the server's own limit.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly RnnApplication _application;
    readonly WebApplicationFactory<Program> _watched;

    /// <param name="application">The host, as it is to be configured besides.</param>
    public FuzzHost(RnnApplication application)
    {
        _application = application;
        foreach (var (key, value) in new[]
        {
            ("Models:Control", "Explicit"), ("Limits:MaxTimesteps", "200"), ("Limits:MaxGeneratedLength", "24"), ("Limits:MaxGeneratedInAll", "400"),
            ("Limits:MaxTracedNumbers", "40000"), ("Limits:MaxOutputNumbers", "40000"), ("Server:MaxBatchInputs", "8"), ("Server:MaxBodyBytes", "65536"),
            ("Sessions:Capacity", "64"), ("Models:Labels:names:stable", "1"), ("Models:Labels:air:stable", "1"),
        })
        {
            application.Settings[key] = value;
        }

        _watched = application.WithWebHostBuilder(host => host.ConfigureTestServices(services =>
            services.AddSingleton<ILoggerFactory>(LoggerFactory.Create(logging => logging.AddProvider(Log)))));
        Client = _watched.CreateClient();
    }

    public LogWatch Log { get; } = new();

    public HttpClient Client { get; }

    /// <summary>Sends a request, a second after the last one.</summary>
    /// <exception cref="OperationCanceledException">It was not answered to the end.</exception>
    public async Task<Reply> SendAsync(WireRequest request)
    {
        _application.Time.Advance(TimeSpan.FromSeconds(1));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var http = await _watched.Server.SendAsync(request.Fill, patience.Token);
        return await Reply.ReadAsync(http.Response, patience.Token);
    }

    /// <summary>A socket of a session, which has said hello.</summary>
    public Task<WebSocket> OpenSocketAsync(string session) => _watched.Server.CreateWebSocketClient().ConnectAsync(
        new UriBuilder(_watched.Server.BaseAddress) { Scheme = "ws", Path = $"/api/v1/sessions/{session}/socket" }.Uri, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Client.Dispose();
        _watched.Dispose();
        _application.Dispose();
        Log.Dispose();
    }
}
