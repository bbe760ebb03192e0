using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Rnn.Engine.Callers;

namespace Rnn.Api.Security;

/// <summary>Who may call. What a caller has, and which models there are for him, is the engine's to keep to.</summary>
static class Access
{
    const string Scheme = "Access";
    const string KeyScheme = "Key";

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddCheckedOptions<AccessOptions>("Access");
        services.AddSingleton<AccessKeys>();
        services.AddSingleton<Bindings>();
        services.AddSingleton<MemoryWatermark>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, Refusals>();
        services.AddHostedService<GeneratedKey>();
        services.AddHttpContextAccessor();
        services.AddSingleton<CurrentCaller>(provider => CallerOf(provider.GetRequiredService<AccessKeys>(), provider.GetRequiredService<IHttpContextAccessor>()));
        services.AddScopes();
        services.AddSingleton<MatcherPolicy, ManagementPort>();
        services.AddRateLimits();
        services.AddRequestTime();
        services.AddOptions<CorsOptions>().Configure<ServerOptions>((cors, server) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. server.CorsOrigins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("ETag", "Location", "Retry-After", "Idempotency-Replayed", "x-should-retry")));
        services.AddCors();

        var authentication = services.AddAuthentication(Scheme);
        authentication.AddPolicyScheme(Scheme, displayName: null, options => options.ForwardDefaultSelector = http =>
            http.RequestServices.GetRequiredService<AccessOptions>().Jwt is not null && JwtAccess.Brings(http.Request) ? JwtAccess.Scheme : KeyScheme);
        authentication.AddScheme<AuthenticationSchemeOptions, KeyHandler>(KeyScheme, configureOptions: null);
        authentication.AddTokens();
    }

    /// <summary>From here on a request is a caller's who may make it.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseRateLimits();
        MemoryWatermark.Use(app);
        Overload.Use(app);
        app.UseRequestTimeouts();
    }

    // Work that belongs to no request has no caller. Where callers are told apart it must not pass for anybody's.
    static CurrentCaller CallerOf(AccessKeys keys, IHttpContextAccessor accessor) => () => keys.IsOpen
        ? Caller.Anyone
        : (accessor.HttpContext?.User.Identity as AccessIdentity)?.Caller
            ?? throw new InvalidOperationException("The engine was called on nobody's behalf. This is a bug.");
}
