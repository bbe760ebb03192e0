using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Rnn.Engine.Sessions;

namespace Rnn.Api.Security;

/// <summary>A key that is taken. The key itself is not known here, only its hash.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="Principal">Whom it stands for.</param>
sealed record AccessKey(string Name, byte[] Hash, ClaimsPrincipal Principal)
{
    const string Prefix = "rnn_";
    const int RandomBytes = 32;

    /// <summary>A fresh key of 256 random bits. As many can't be guessed, so that a hash without salt or toil is enough.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <param name="options">The key as it is configured.</param>
    /// <param name="place">Where.</param>
    /// <exception cref="InvalidOperationException">It can't be used.</exception>
    public static AccessKey Of(KeyOptions options, string place)
    {
        // A tilde begins the owners that subjects of tokens are.
        if (!SessionId.IsValid(options.Name) || options.Name[0] == '~')
        {
            throw new InvalidOperationException($"{place}:Name must have {SessionId.Rule}, and must not begin with '~'.");
        }

        if (options.Scopes.FirstOrDefault(scope => !Scopes.All.Contains(scope)) is { } unknown)
        {
            throw new InvalidOperationException($"{place}:Scopes has '{unknown}'; there are {string.Join(", ", Scopes.All)}.");
        }

        return new(options.Name, HashBytes(options.Hash, place), AccessIdentity.Principal(
            options.Name,
            options.Name,
            options.Scopes is [] ? [Scopes.Predict] : options.Scopes,
            options.Models is [] ? null : options.Models));
    }

    static byte[] HashBytes(string hash, string place)
    {
        const int HexLength = 2 * SHA256.HashSizeInBytes;
        var bytes = hash.Length == HexLength && hash.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(hash)
            : Base64.TryDecode(hash, out var decoded) ? decoded : [];
        return bytes.Length == SHA256.HashSizeInBytes
            ? bytes
            : throw new InvalidOperationException($"{place}:Hash must be a SHA-256 in hex or base64. The command 'key' makes a key and tells its hash.");
    }
}
