using Microsoft.Extensions.Options;
using Rnn.Api.Observability;
using Rnn.Api.Rest;
using Rnn.Api.Storage;
using Rnn.Engine;
using Rnn.Engine.Models;
using Rnn.Engine.Scheduling;
using Rnn.Engine.Sessions;

namespace Rnn.Api;

/// <summary>Puts the engine into the host: options, models, sessions, and the sweep of those whose time is up.</summary>
static partial class EngineHost
{
    const int ThreadsOnOneProcessor = 4;

    /// <summary>What computes graphs; null in a build without ONNX Runtime.</summary>
    public static GraphLoader? Graphs =>
#if ONNX_RUNTIME
        OnnxRuntime.OnnxGraph.Load;
#else
        null;
#endif

    public static void AddEngine(this WebApplicationBuilder builder)
    {
        // On a single processor the pool has a single thread, and whatever that is at, all requests wait for it (bench/overload.sh).
        if (Environment.ProcessorCount == 1)
        {
            ThreadPool.SetMinThreads(ThreadsOnOneProcessor, ThreadsOnOneProcessor);
        }

        builder.Services.AddCheckedOptions<ModelOptions>("Models");
        builder.Services.AddCheckedOptions<SessionOptions>("Sessions");
        builder.Services.AddCheckedOptions<RequestLimits>("Limits");
        builder.Services.AddCheckedOptions<BatchOptions>("Batching");

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(_ => new ModelLoader(Graphs));
        builder.Services.AddSingleton(Random.Shared);
        builder.Services.AddSingleton(services => Catalog(
            services.GetRequiredService<ModelOptions>(), services.GetRequiredService<ModelLoader>(), services.GetRequiredService<Random>()));
        builder.AddSessionStore();
        builder.Services.AddSingleton<VisibleModels>();
        builder.Services.AddSingleton<Turns>();
        builder.Services.AddSingleton<SessionTable>();
        builder.Services.AddSingleton<InferenceEngine>();
        builder.Services.AddSingleton<StateForms>();
        builder.Services.AddSingleton<Predictor>();
        builder.Services.AddSingleton<Batch>();
        builder.Services.AddSingleton<LineBatch>();
        builder.Services.AddSingleton<SessionSocket>();
        builder.Services.AddSingleton<ModelLog>();
        builder.Services.AddHostedService<EngineStart>();
        builder.Services.AddHostedService<ModelPoll>();
        builder.Services.AddHostedService<SessionSweep>();
    }

    static ModelCatalog Catalog(ModelOptions options, ModelLoader loader, Random random) =>
        new(options.FullPath, loader, options.Control, options.Rules, random);

    /// <summary>Options that are read once, checked when the process starts, and refuse a key they don't know.</summary>
    public static void AddCheckedOptions<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddOptionsWithValidateOnStart<T>()
            .BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
    }

    /// <summary>Ends sessions whose time is up, so that their memory is freed even if nobody asks for them.</summary>
    sealed partial class SessionSweep(SessionTable sessions, TimeProvider time, ILogger<SessionSweep> log) : BackgroundService
    {
        static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            using var timer = new PeriodicTimer(Interval, time);
            try
            {
                while (await timer.WaitForNextTickAsync(stoppingToken))
                {
                    await SweepAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException)
            {
                // The process ends. If it could not even start, the host would log this as another failure and bury the real one.
            }
        }

        async Task SweepAsync(CancellationToken stopping)
        {
            try
            {
                await sessions.SweepAsync(stopping);
            }
            catch (EngineException exception)
            {
                NotSwept(log, exception.Message);          // the next sweep frees what this one did not
            }
        }

        [LoggerMessage(1010, LogLevel.Warning, "Ended sessions are not freed: {Reason}", EventName = "SessionsNotSwept")]
        static partial void NotSwept(ILogger logger, string reason);
    }
}
