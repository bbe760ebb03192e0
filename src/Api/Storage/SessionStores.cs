using System.Diagnostics;
using Rnn.Engine.Sessions;
using Rnn.Engine.Telemetry;

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
        var (options, sessions, time, metrics) = (Get<StoreOptions>(), Get<SessionOptions>(), Get<TimeProvider>(), Get<EngineMetrics>());
        var name = options.Kind.ToString().ToLowerInvariant();
        if (options.Kind == StoreKind.Memory)
        {
            var memory = new MemorySessionStore(sessions, Get<Turns>(), time, metrics);
            metrics.ObserveSessions(name, () => memory.Held);
            return memory;
        }

        var cache = Get<SessionCache>();
        metrics.ObserveSessions(name, () => cache.Held);
        return new TimedSessionStore(
            options.Kind switch
            {
                StoreKind.Sqlite => new SqliteSessionStore(options, sessions, cache, Get<Turns>(), time, metrics),
                StoreKind.Redis => new RedisSessionStore(options, sessions, cache, time, Get<ILoggerFactory>()),
                _ => throw new UnreachableException($"No store for {options.Kind}. This is a bug."),
            },
            name,
            metrics);

        T Get<T>()
            where T : notnull => services.GetRequiredService<T>();
    }
}
