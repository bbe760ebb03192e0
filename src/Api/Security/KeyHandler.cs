using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Rnn.Api.Security;

/// <summary>Takes a key from the header <c>Authorization: Bearer</c> or <c>X-Api-Key</c>; never from the URL, which ends up in logs and histories.</summary>
sealed class KeyHandler(AccessKeys keys, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    const string Header = "X-Api-Key";
    const string Bearer = "Bearer ";
    const int MaxLength = 512;

    /// <summary>What is presented as a bearer's token; null if nothing is.</summary>
    public static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? value[Bearer.Length..].Trim()
            : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    AuthenticateResult Authenticate()
    {
        if (keys.IsOpen)
        {
            return Success(AccessIdentity.Anyone);
        }

        var presented = Request.Headers.TryGetValue(Header, out var key) ? key.ToString() : TokenOf(Request);
        return presented switch
        {
            null or "" => AuthenticateResult.NoResult(),
            { Length: <= MaxLength } when keys.Find(presented) is { } known => Success(known.Principal),
            _ => AuthenticateResult.Fail("The key is not known."),
        };

        AuthenticateResult Success(ClaimsPrincipal principal) => AuthenticateResult.Success(new(principal, Scheme.Name));
    }
}
