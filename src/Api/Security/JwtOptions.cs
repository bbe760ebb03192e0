namespace Rnn.Api.Security;

/// <summary>Whose tokens (JWT) are taken. Their <c>sub</c> is to whom sessions belong.</summary>
public sealed class JwtOptions
{
    /// <summary>The identity provider's address, from which its public keys are read.</summary>
    public string? Authority { get; init; }

    /// <summary>Or, without a provider, the key that tokens are signed with (HS256 and longer), in base64, of 32 bytes or more; of 48 and 64 for HS384 and HS512.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Who issues them; left out, what the provider says of itself.</summary>
    public string? Issuer { get; init; }

    /// <summary>For whom they are issued: what stands in their <c>aud</c>.</summary>
    public string? Audience { get; init; }

    /// <summary>The claim with the scopes, as a list or with spaces between them.</summary>
    public string ScopeClaim { get; init; } = "scope";

    /// <summary>The claim with the names of the models that the caller may use, written likewise; null if each may use all. A token without it may use none then.</summary>
    public string? ModelsClaim { get; init; }

    internal IEnumerable<string> Faults
    {
        get
        {
            const int MinKeyBytes = 32;
            if (Authority is null == SigningKey is null)
            {
                yield return "Jwt needs either an Authority or a SigningKey.";
            }

            if (string.IsNullOrEmpty(Audience))
            {
                yield return "Jwt needs an Audience: without it a token made for another service would do.";
            }

            if (SigningKey is not null && Issuer is null)
            {
                yield return "Jwt needs an Issuer beside its SigningKey.";
            }

            if (SigningKey is not null && (!Base64.TryDecode(SigningKey, out var key) || key.Length < MinKeyBytes))
            {
                yield return $"Jwt:SigningKey must be at least {MinKeyBytes} bytes in base64.";
            }
        }
    }
}
