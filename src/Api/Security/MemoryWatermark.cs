using Rnn.Api.Errors;
using Rnn.Engine.Telemetry;

namespace Rnn.Api.Security;

/// <summary>Refuses new work while memory is short: better a 503 for some than the end of the process for all.</summary>
sealed class MemoryWatermark(ServerOptions server, TimeProvider time, EngineMetrics metrics)
{
    static readonly TimeSpan BetweenCollections = TimeSpan.FromSeconds(10);

    readonly long _most = (long)(server.MemoryWatermark * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    long _collected;

    public static void Use(IApplicationBuilder app)
    {
        var watermark = app.ApplicationServices.GetRequiredService<MemoryWatermark>();
        app.Use((http, next) => IsWork(http.Request) && watermark.IsShort ? watermark.RefuseAsync(http) : next(http));
    }

    // Garbage counts too, until it is collected; and nothing may be, when nothing new is taken.
    bool IsShort => GC.GetTotalMemory(forceFullCollection: false) > _most && !HasCollectedEnough();

    bool HasCollectedEnough()
    {
        var last = Interlocked.Read(ref _collected);
        var now = time.GetTimestamp();
        if ((last == 0 || time.GetElapsedTime(last, now) >= BetweenCollections) && Interlocked.CompareExchange(ref _collected, now, last) == last)
        {
            GC.Collect();
        }

        return GC.GetTotalMemory(forceFullCollection: false) <= _most;
    }

    // To read and to delete makes nothing larger.
    static bool IsWork(HttpRequest request) => HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method);

    Task RefuseAsync(HttpContext http)
    {
        var problem = AccessProblem.MemoryShort;
        metrics.Failed(Problem.NameOf(problem.ProblemDetails)!, model: null);
        http.Response.Headers.RetryAfter = "10";
        http.Response.Headers["x-should-retry"] = "true";
        return problem.ExecuteAsync(http);
    }
}
