using System.Security.Claims;
using Rnn.Engine.Callers;

namespace Rnn.Api.Security;

/// <summary>Whom a request is made by, once that is certain.</summary>
sealed class AccessIdentity : ClaimsIdentity
{
    /// <summary>The claim of a scope.</summary>
    public const string ScopeClaim = "scope";

    AccessIdentity(IEnumerable<Claim> claims, Caller caller)
        : base(claims, "Access", ClaimTypes.Name, roleType: null) => Caller = caller;

    /// <summary>What the engine is told.</summary>
    public Caller Caller { get; }

    /// <summary>Anybody, where no key is needed.</summary>
    public static ClaimsPrincipal Anyone { get; } = new(new AccessIdentity(ScopesOf(Scopes.All), Caller.Anyone));

    /// <param name="owner">To whom sessions belong.</param>
    /// <param name="name">What the log says.</param>
    /// <param name="scopes">What the caller may do.</param>
    /// <param name="models">The models that there are; null for all.</param>
    public static ClaimsPrincipal Principal(string owner, string name, IEnumerable<string> scopes, IReadOnlyCollection<string>? models) => new(new AccessIdentity(
        [new(ClaimTypes.NameIdentifier, owner), new(ClaimTypes.Name, name), .. ScopesOf(scopes)],
        new Caller(owner, models?.ToHashSet(StringComparer.Ordinal))));

    static IEnumerable<Claim> ScopesOf(IEnumerable<string> scopes) => scopes.Select(scope => new Claim(ScopeClaim, scope));
}
