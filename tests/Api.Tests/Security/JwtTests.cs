using System.Net;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Security;

public sealed class JwtTests : IDisposable
{
    const string Issuer = "https://id.example";

    static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);

    readonly RnnApplication _application = Application();

    [Fact]
    public async Task A_session_belongs_to_the_subject_of_the_token_that_made_it()
    {
        using var one = _application.ClientOf(Token("user|1"));
        using var again = _application.ClientOf(Token("user|1", scope: "openid predict"));
        using var other = _application.ClientOf(Token("user|2"));
        using var key = _application.ClientOf(Keys.Alice);
        await PostAsync(one, "/api/v1/sessions", new { model = "names", id = "s" }, HttpStatusCode.Created);

        await GetAsync(again, "/api/v1/sessions/s");
        await GetAsync(other, "/api/v1/sessions/s", HttpStatusCode.NotFound);
        await GetAsync(key, "/api/v1/sessions/s", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_token_without_the_scope_is_told_which()
    {
        using var client = _application.ClientOf(Token("user", scope: "openid manage"));

        var problem = await GetAsync(client, "/api/v1/models", HttpStatusCode.Forbidden);

        Assert.Contains("'predict'", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_may_use_the_models_of_its_claim_and_one_without_the_claim_none()
    {
        using var application = Application(("Access:Jwt:ModelsClaim", "rnn_models"));
        using var list = application.ClientOf(Token("user", models: new[] { "names", "tags" }));
        using var words = application.ClientOf(Token("user", models: "names tags"));
        using var without = application.ClientOf(Token("user"));
        foreach (var client in new[] { list, words })
        {
            var models = (await GetAsync(client, "/api/v1/models")).AsArray();
            Assert.Equal(["names", "tags"], models.Select(model => (string)model!["name"]!).Distinct());
            await PostAsync(client, "/api/v1/models/names/step", new { text = "T" });
            await PostAsync(client, "/api/v1/models/austen/step", new { text = "T" }, HttpStatusCode.NotFound);
        }

        Assert.Empty((await GetAsync(without, "/api/v1/models")).AsArray());
        foreach (var odd in new object[] { new Dictionary<string, object> { ["not"] = "all but names " }, new object[] { new[] { "x", " names ", "y" } }, 5 })
        {
            using var client = application.ClientOf(Token("user", models: odd));
            Assert.Empty((await GetAsync(client, "/api/v1/models")).AsArray());
        }

        await PostAsync(without, "/api/v1/models/names/step", new { text = "T" }, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_token_that_is_expired_or_of_others_or_for_others_or_signed_by_none_is_not_taken()
    {
        var good = Token("user");
        var tokens = new[]
        {
            Token("user", expires: DateTime.UtcNow.AddHours(-1)),
            Token("user", issuer: "https://evil.example"),
            Token("user", audience: "other"),
            Token("user", secret: RandomNumberGenerator.GetBytes(32)),
            Token(subject: null),
            new JsonWebTokenHandler().CreateToken("""{"sub":"user","iss":"https://id.example","aud":"rnn","scope":"predict","exp":4102444800}"""),
            good[..^2],
        };

        foreach (var token in tokens)
        {
            using var client = _application.ClientOf(token);
            await GetAsync(client, "/api/v1/models", HttpStatusCode.Unauthorized);
        }

        using var taken = _application.ClientOf(good);
        await GetAsync(taken, "/api/v1/models");
    }

    public void Dispose() => _application.Dispose();

    static RnnApplication Application(params ReadOnlySpan<(string, string)> settings) => Keys.Application(
        [("Access:Jwt:SigningKey", Convert.ToBase64String(Secret)), ("Access:Jwt:Issuer", Issuer), ("Access:Jwt:Audience", "rnn"), .. settings]);

    static string Token(
        string? subject, string scope = "predict", object? models = null, string issuer = Issuer, string audience = "rnn", byte[]? secret = null, DateTime? expires = null) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = DateTime.UtcNow.AddHours(-2),
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            Claims = new Dictionary<string, object?> { ["sub"] = subject, ["scope"] = scope, ["rnn_models"] = models }.Where(claim => claim.Value is not null).ToDictionary()!,
            SigningCredentials = new(new SymmetricSecurityKey(secret ?? Secret), SecurityAlgorithms.HmacSha256),
        });
}
