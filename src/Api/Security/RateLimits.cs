using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace Rnn.Api.Security;

/// <summary>How often one key or subject may call. Nothing is counted of who is not known: as many could be made up as there is memory.</summary>
static class RateLimits
{
    // So often are tokens put back, at rates that put back more than one at once.
    const double PeriodsPerSecond = 10;

    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.OnRejected = async (context, _) =>
            {
                TellWhen(context.HttpContext.Response, context.Lease);
                await AccessProblem.TooManyRequests.ExecuteAsync(context.HttpContext);
            };
        });
        services.AddSingleton(provider => Limiter(provider.GetRequiredService<AccessOptions>()));      // disposed with the host, which the middleware leaves undone
        services.AddOptions<RateLimiterOptions>().Configure<PartitionedRateLimiter<HttpContext>>((limits, limiter) => limits.GlobalLimiter = limiter);
    }

    /// <summary>From here on a caller has requests left, where there may be one who is not anybody.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AccessOptions>() is { RequestsPerSecond: > 0, AllowAnonymous: false })
        {
            app.UseRateLimiter();
        }
    }

    /// <summary>Tells when to come again.</summary>
    public static void TellWhen(HttpResponse response, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(1);
        response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        response.Headers["x-should-retry"] = "true";       // nothing of the request was done
    }

    static PartitionedRateLimiter<HttpContext> Limiter(AccessOptions access) => PartitionedRateLimiter.Create<HttpContext, string>(http =>
        http.User.Identity is AccessIdentity { Caller.Owner: { } owner }
            ? RateLimitPartition.GetTokenBucketLimiter(owner, _ => Bucket(access))
            : RateLimitPartition.GetNoLimiter(""));

    static TokenBucketRateLimiterOptions Bucket(AccessOptions access)
    {
        var rate = access.RequestsPerSecond;
        var tokens = Math.Max(1, (int)Math.Round(rate / PeriodsPerSecond));
        return new()
        {
            TokenLimit = access.Burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / rate),
        };
    }
}
