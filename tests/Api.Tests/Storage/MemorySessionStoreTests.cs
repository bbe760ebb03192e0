using Rnn.Engine.Sessions;

namespace Rnn.Api.Tests.Storage;

public sealed class MemorySessionStoreTests : SessionStoreContract
{
    protected override ValueTask<ISessionStore> OpenAsync(SessionOptions options) => new(new MemorySessionStore(options, new Turns(), Time));
}
