using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace Rnn.Api.Security;

/// <summary>Tokens of an identity provider, where <c>Access:Jwt</c> names one.</summary>
static class JwtAccess
{
    public const string Scheme = "Jwt";

    const int MaxNameLength = 64;

    static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    public static void AddTokens(this AuthenticationBuilder authentication)
    {
        authentication.AddJwtBearer(Scheme, _ => { });
        authentication.Services.AddOptions<JwtBearerOptions>(Scheme).Configure<AccessOptions>(Configure);
    }

    /// <summary>Whether a request brings a token rather than a key: three parts with dots between.</summary>
    public static bool Brings(HttpRequest request) => KeyHandler.TokenOf(request) is { } token && token.AsSpan().Count('.') == 2;

    static void Configure(JwtBearerOptions bearer, AccessOptions access)
    {
        if (access.Jwt is not { } jwt)
        {
            return;
        }

        bearer.MapInboundClaims = false;
        bearer.Audience = jwt.Audience;
        bearer.TokenValidationParameters.ClockSkew = ClockSkew;
        bearer.TokenValidationParameters.ValidIssuer = jwt.Issuer;
        if (jwt.SigningKey is null)
        {
            bearer.Authority = jwt.Authority;
        }
        else
        {
            bearer.TokenValidationParameters.IssuerSigningKey = new SymmetricSecurityKey(Convert.FromBase64String(jwt.SigningKey));
            bearer.TokenValidationParameters.ValidAlgorithms =
                [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];
        }

        bearer.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                if (context.Principal!.FindFirst("sub") is { Value.Length: > 0 } subject)
                {
                    context.Principal = PrincipalOf(
                        subject, context.Principal.FindAll(jwt.ScopeClaim), jwt.ModelsClaim is { } models ? context.Principal.FindAll(models) : null);
                }
                else
                {
                    context.Fail("The token has no sub.");
                }

                return Task.CompletedTask;
            },
        };
    }

    static ClaimsPrincipal PrincipalOf(Claim subject, IEnumerable<Claim> scopes, IEnumerable<Claim>? models) => AccessIdentity.Principal(
        OwnerOf(subject),
        Shorten(Uri.EscapeDataString(subject.Value)),
        WordsOf(scopes).Where(Scopes.All.Contains).Distinct(),
        models is null ? null : [.. WordsOf(models)]);

    // Of a list there is a claim for each string; an object or a list of lists is none.
    static IEnumerable<string> WordsOf(IEnumerable<Claim> claims) =>
        claims.Where(claim => claim.ValueType == ClaimValueTypes.String).SelectMany(claim => claim.Value.Split(' '));

    // Subjects are of any length and any characters, and those of two issuers are two.
    static string OwnerOf(Claim subject) =>
        "~" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{subject.Issuer}\0{subject.Value}")));

    static string Shorten(string name) => name.Length <= MaxNameLength ? name : $"{name[..MaxNameLength]}...";
}
