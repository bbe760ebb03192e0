using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Rnn.Api.Security;

/// <summary>Answers who may not pass, and says what is missing. An address that tries one wrong key after the other is put off.</summary>
sealed partial class Refusals(AccessOptions options, ILogger<Refusals> log) : IAuthorizationMiddlewareResultHandler, IDisposable
{
    const int NetworkBytes = 8;                            // of an IPv6 address; the rest its holder may choose

    readonly PartitionedRateLimiter<IPAddress> _failures = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new()
        {
            PermitLimit = options.FailuresPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        authorizeResult switch
        {
            { Succeeded: true } => next(context),
            { Forbidden: true } => MissingScope(policy).ExecuteAsync(context),
            _ => ChallengeAsync(context),
        };

    public void Dispose() => _failures.Dispose();

    async Task ChallengeAsync(HttpContext http)
    {
        var wasGiven = (await http.AuthenticateAsync()).Failure is not null;
        await (wasGiven ? RefuseAsync(http) : ChallengeAsync(http, "Bearer realm=\"rnn\"", AccessProblem.KeyMissing));
    }

    Task RefuseAsync(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        using var permit = _failures.AttemptAcquire(NetworkOf(address));
        if (permit.IsAcquired)
        {
            Unknown(log, address);
            return ChallengeAsync(http, "Bearer realm=\"rnn\", error=\"invalid_token\"", AccessProblem.KeyUnknown);
        }

        RateLimits.TellWhen(http.Response, permit);
        return AccessProblem.TooManyFailures.ExecuteAsync(http);
    }

    static Task ChallengeAsync(HttpContext http, string challenge, ProblemHttpResult problem)
    {
        http.Response.Headers.WWWAuthenticate = challenge;
        return problem.ExecuteAsync(http);
    }

    static ProblemHttpResult MissingScope(AuthorizationPolicy policy) => AccessProblem.ScopeMissing(
        policy.Requirements.OfType<ClaimsAuthorizationRequirement>().SelectMany(requirement => requirement.AllowedValues ?? []));

    static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Math.Min(bytes.Length, NetworkBytes)).Clear();
        return new(bytes);
    }

    [LoggerMessage(1200, LogLevel.Warning, "A key or token that is not taken was presented from {Address}", EventName = "KeyRefused")]
    static partial void Unknown(ILogger logger, IPAddress address);
}
