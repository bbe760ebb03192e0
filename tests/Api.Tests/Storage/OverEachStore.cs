namespace Rnn.Api.Tests.Storage;

/// <summary>Tests of a server on a socket that hold whatever keeps its sessions; a subclass for each says what.</summary>
public abstract class OverEachStore(StoreKind kind) : IAsyncLifetime
{
    KeptSessions? _kept;
    RnnApplication? _application;
    HttpClient? _client;

    protected static CancellationToken Aborted => TestContext.Current.CancellationToken;

    protected HttpClient Client => _client!;               // made before each test

    public async ValueTask InitializeAsync()
    {
        _kept = await KeptSessions.StartAsync(kind);
        _application = _kept.NewApplication();
        _client = _application.StartOnSocket();
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }

        if (_kept is not null)
        {
            await _kept.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
