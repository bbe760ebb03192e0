namespace Rnn.Api.Security;

/// <summary>What a caller may do. A route asks for one of them; one that says nothing asks for <see cref="Predict"/>.</summary>
static class Scopes
{
    /// <summary>Predictions and sessions.</summary>
    public const string Predict = "predict";

    /// <summary>To load models, to unload them, and what else changes the server for all.</summary>
    public const string Manage = "manage";

    /// <summary>To read what is measured.</summary>
    public const string Metrics = "metrics";

    public static IReadOnlyList<string> All { get; } = [Predict, Manage, Metrics];

    /// <summary>Has every route ask for a scope.</summary>
    public static T RequireScope<T>(this T routes, string scope)
        where T : IEndpointConventionBuilder => routes.RequireAuthorization(scope);

    public static void AddScopes(this IServiceCollection services) => services.AddAuthorization(options =>
    {
        foreach (var scope in All)
        {
            options.AddPolicy(scope, policy => policy.RequireClaim(AccessIdentity.ScopeClaim, scope));
        }

        // Not by path: what nobody has thought of, a route that is none included, is closed.
        options.FallbackPolicy = options.DefaultPolicy = options.GetPolicy(Predict)!;
    });
}
