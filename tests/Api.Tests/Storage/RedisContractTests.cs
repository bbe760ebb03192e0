using Rnn.Api.Storage;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Tests.Storage;

public sealed class RedisContractTests : SessionStoreContract, IAsyncDisposable
{
    RedisServer? _redis;
    RedisSessionStore? _store;

    protected override async ValueTask<ISessionStore> OpenAsync(SessionOptions options)
    {
        _redis = await RedisServer.StartNewAsync();
        return _store = RedisSessionStoreTests.Open(_redis.Address, Time, sessions: options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }
}
