using System.Diagnostics;
using Rnn.Engine;
using StackExchange.Redis;

namespace Rnn.Api.Storage;

/// <summary>
/// The way to Redis or Valkey. It is opened by the first call, so that a server starts while Redis is away, and comes back by
/// itself. Calls are tried again for a while; whatever goes wrong with Redis ends as an <see cref="EngineException"/>.
/// </summary>
sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>For every command: a replica may not know yet what was acknowledged.</summary>
    public const CommandFlags Leader = CommandFlags.DemandMaster;

    // What the operator writes comes after these and takes precedence. The two empty ones would be a key and a channel beyond our
    // prefix, which a user with rights on that alone may not touch.
    const string Defaults = "name=rnn,connectTimeout=1000,connectRetry=1,asyncTimeout=1000,configCheckSeconds=2,tiebreaker=,configChannel=";

    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(25);
    static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(200);

    readonly Lock _lock = new();
    readonly ConfigurationOptions _configuration;
    readonly TimeSpan _retryFor;
    Task<ConnectionMultiplexer>? _connecting;

    /// <param name="options">How to reach it, and for how long a call is tried again.</param>
    /// <param name="log">Where the connection tells that it was lost and is back.</param>
    /// <exception cref="ArgumentException">The options can't be read.</exception>
    public RedisConnection(StoreOptions options, ILoggerFactory log)
    {
        _retryFor = options.RetryFor;
        _configuration = ConfigurationOptions.Parse($"{Defaults},{options.Redis}");
        _configuration.LoggerFactory = log;
        _configuration.AbortOnConnectFail = false;
        _configuration.BacklogPolicy = BacklogPolicy.FailFast;         // calls wait here, where they can be given up
        _configuration.ReconnectRetryPolicy = new LinearRetry(200);
        _configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(200);     // what notices lost connections and late answers
    }

    /// <summary>Asks something that changes nothing, or may be done twice.</summary>
    /// <exception cref="EngineException">The store can't be reached.</exception>
    public Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken aborted) =>
        TryAsync((database, _) => ask(database), _retryFor, changes: false, aborted);

    /// <summary>Makes a change, which is not given up once it is begun.</summary>
    /// <param name="change">Makes it. It is told whether an earlier try, whose answer was lost, may have made it.</param>
    /// <exception cref="EngineException">The store can't be reached, or is full.</exception>
    public Task<T> ChangeAsync<T>(Func<IDatabase, bool, Task<T>> change) =>
        TryAsync(change, _retryFor, changes: true, CancellationToken.None);

    /// <summary>Returns if the store answers, without trying twice.</summary>
    /// <exception cref="EngineException">It doesn't.</exception>
    public Task ProbeAsync(CancellationToken aborted) =>
        TryAsync((database, _) => database.PingAsync(Leader), TimeSpan.Zero, changes: false, aborted);

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connecting is not null)
        {
            try
            {
                await (await _connecting).DisposeAsync();
            }
            catch (RedisConnectionException)
            {
                // It never came about: there is nothing to close.
            }
        }
    }

    // By the real clock: what is waited for is a machine.
    async Task<T> TryAsync<T>(Func<IDatabase, bool, Task<T>> ask, TimeSpan retryFor, bool changes, CancellationToken aborted)
    {
        var began = Stopwatch.GetTimestamp();
        var isUnsure = false;
        for (var delay = FirstDelay; ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                var connection = await ConnectAsync().WaitAsync(aborted);
                return await ask(connection.GetDatabase(), isUnsure).WaitAsync(aborted);
            }
            catch (Exception exception) when (RedisFault.Of(exception) is { } fault)
            {
                isUnsure |= fault.IsUnsure;
                if (!fault.IsPassing || Stopwatch.GetElapsedTime(began) + delay >= retryFor)
                {
                    throw new EngineException(fault.Kind, !changes ? fault.Sentence : isUnsure
                        ? $"{fault.Sentence} The change may or may not have been made."
                        : $"{fault.Sentence} The change was not made.")
                    {
                        IsUnsure = changes && isUnsure,
                    };
                }
            }

            await Task.Delay(delay, aborted);
        }
    }

    Task<ConnectionMultiplexer> ConnectAsync()
    {
        lock (_lock)
        {
            // It comes about also when no Redis is there, and finds it later; but not when no Sentinel says where to look.
            return _connecting = _connecting is null or { IsFaulted: true } ? ConnectionMultiplexer.ConnectAsync(_configuration) : _connecting;
        }
    }
}
