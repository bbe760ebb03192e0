using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Rnn.Api.Tests.Hostile;

/// <summary>A server on a socket whose patience is as short as Kestrel allows, and a client that only wants to be served.</summary>
sealed class HostileServer : IDisposable
{
    // Kestrel looks once a second, and no grace may be shorter.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1.1);

    public HostileServer(params (string Key, string Value)[] settings)
    {
        Application = new()
        {
            KestrelLimits = limits =>
            {
                limits.RequestHeadersTimeout = Grace;
                limits.MinRequestBodyDataRate = new MinDataRate(limits.MinRequestBodyDataRate!.BytesPerSecond, Grace);
                limits.MinResponseDataRate = new MinDataRate(1 << 20, Grace);
            },
        };
        foreach (var (key, value) in settings)
        {
            Application.Settings[key] = value;
        }

        Client = Application.StartOnSocket();
    }

    public RnnApplication Application { get; }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Address);

    /// <summary>Passes if a normal client is served.</summary>
    public async Task ServesAsync() => await RnnApplication.PostAsync(Client, "/api/v1/models/austen/step", new { text = "a" });

    public void Dispose()
    {
        Client.Dispose();
        Application.Dispose();
    }
}
