using System.Diagnostics;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Storage;

/// <summary>Chooses what keeps the sessions.</summary>
static class SessionStores
{
    public static void AddSessionStore(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<StoreOptions>("Store");
        builder.Services.AddSingleton<SessionCache>();
        builder.Services.AddSingleton(Open);
    }

    static ISessionStore Open(IServiceProvider services)
    {
        var (options, sessions, time) = (Get<StoreOptions>(), Get<SessionOptions>(), Get<TimeProvider>());
        return options.Kind switch
        {
            StoreKind.Memory => new MemorySessionStore(sessions, Get<Turns>(), time),
            StoreKind.Sqlite => new SqliteSessionStore(options, sessions, Get<SessionCache>(), Get<Turns>(), time),
            StoreKind.Redis => new RedisSessionStore(options, sessions, Get<SessionCache>(), time, Get<ILoggerFactory>()),
            _ => throw new UnreachableException($"No store for {options.Kind}. This is a bug."),
        };

        T Get<T>()
            where T : notnull => services.GetRequiredService<T>();
    }
}
