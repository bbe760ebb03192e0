using System.Net;
using Rnn.Api.Security;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Security;

/// <summary>Every route there is, with every kind of key: what nobody thought of is closed.</summary>
public sealed class EveryRouteTests : IDisposable
{
    readonly RnnApplication _application = Keys.Application();

    [Fact]
    public async Task Every_route_says_which_scope_it_takes_or_that_it_takes_none()
    {
        var routes = await Route.AllAsync(_application);

        Assert.All(routes, route => Assert.True(
            route.IsOpen || route.Scope is not null,
            $"{route.Method} {route.Pattern}: nobody has decided who may call it. Map it under RequireScope in Program.cs."));
        Assert.Equal(
            [
                "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch", "/health/live", "/health/ready", "/inference.GRPCInferenceService/ServerLive",
                "/inference.GRPCInferenceService/ServerReady", "/openapi/{documentName}.json", "/v2/health/live", "/v2/health/ready",
            ],
            routes.Where(route => route.IsOpen).Select(route => route.Pattern).Order(StringComparer.Ordinal));
        Assert.True(routes.Count(route => route.Scope == Scopes.Predict) > 20);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, "key-missing")]
    [InlineData(Keys.Unknown, HttpStatusCode.Unauthorized, "key-unknown")]
    public async Task Without_a_key_that_is_known_nothing_else_is_open(string? key, HttpStatusCode status, string type)
    {
        using var application = Keys.Application(("Access:FailuresPerMinute", "1000"));
        using var client = application.ClientOf(key);
        foreach (var route in await Route.AllAsync(application))
        {
            using var request = route.Request();
            using var response = await client.SendAsync(request, Aborted);
            var body = await response.Content.ReadAsStringAsync(Aborted);

            Assert.Equal(route.IsOpen, response.StatusCode != status);
            if (!route.IsOpen)
            {
                Assert.Contains(route.TellsSentences ? "{\"error\":\"" : type, body.Replace('_', '-'), StringComparison.Ordinal);
                Assert.StartsWith("Bearer realm=\"rnn\"", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(Keys.Alice, Scopes.Predict)]
    [InlineData(Keys.Manager, Scopes.Manage)]
    public async Task A_key_opens_the_routes_of_its_scope_and_is_told_which_it_lacks_for_others(string key, string scope)
    {
        using var client = _application.ClientOf(key);
        foreach (var route in await Route.AllAsync(_application))
        {
            using var request = route.Request();
            using var response = await client.SendAsync(request, Aborted);

            Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
            if (route.IsOpen || route.Scope == scope)
            {
                Assert.True(response.StatusCode != HttpStatusCode.Forbidden, $"{route.Method} {route.Pattern} is closed to whom it should be open.");
            }
            else
            {
                Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
                Assert.Contains($"the scope '{route.Scope}'", await response.Content.ReadAsStringAsync(Aborted), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task By_every_route_the_session_of_another_is_as_one_that_never_was()
    {
        using var alice = _application.ClientOf(Keys.Alice);
        using var bob = _application.ClientOf(Keys.Bob);
        var session = await PostAsync(alice, "/api/v1/sessions", new { model = "names", id = "hers", history = 4 }, HttpStatusCode.Created);
        await PostAsync(alice, "/api/v1/sessions/hers/step", new { text = "T" });
        var routes = (await Route.AllAsync(_application)).Where(route => route.Pattern.Contains("{id}", StringComparison.Ordinal)).ToList();

        foreach (var route in routes)
        {
            using var of = route.Request(session: "hers");
            using var never = route.Request(session: "none");
            var answer = await Answer.ToAsync(bob, of, "hers");

            Assert.StartsWith("404\n", answer, StringComparison.Ordinal);
            Assert.Equal(await Answer.ToAsync(bob, never, "none"), answer);
        }

        Assert.True(routes.Count > 15);
        Assert.Empty((await GetAsync(bob, "/api/v1/sessions"))["sessions"]!.AsArray());
        Assert.Equal(1, (long)(await GetAsync(alice, "/api/v1/sessions/hers"))["step"]!);
        Assert.Equal((string)session["created"]!, (string)(await GetAsync(alice, "/api/v1/sessions"))["sessions"]![0]!["created"]!);
    }

    [Fact]
    public async Task By_every_route_a_model_that_is_not_the_keys_is_as_one_that_never_was()
    {
        using var client = _application.ClientOf(Keys.Narrow);
        var routes = (await Route.AllAsync(_application)).Where(route => route.Pattern.Contains("{model}", StringComparison.Ordinal)).ToList();

        foreach (var route in routes)
        {
            using var of = route.Request(model: "austen");
            using var never = route.Request(model: "nobody");
            var answer = await Answer.ToAsync(client, of, "austen");

            Assert.Matches("^4\\d\\d\n", answer);
            Assert.Equal(await Answer.ToAsync(client, never, "nobody"), answer);
        }

        Assert.True(routes.Count > 8);
        Assert.All((await GetAsync(client, "/api/v1/models")).AsArray(), model => Assert.Equal("names", (string)model!["name"]!));
        await PostAsync(client, "/api/v1/models/names/step", new { text = "T" });
        Assert.Equal(
            (string)(await PostAsync(client, "/api/v1/sessions", new { model = "nobody" }, HttpStatusCode.NotFound))["detail"]!,
            (string)(await PostAsync(client, "/api/v1/sessions", new { model = "austen" }, HttpStatusCode.NotFound))["detail"]!);
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/app.js", HttpStatusCode.OK)]
    [InlineData("/swagger/index.html", HttpStatusCode.OK)]
    [InlineData("/no/such/page", HttpStatusCode.Unauthorized)]
    [InlineData("/api/v1/nothing", HttpStatusCode.Unauthorized)]
    public async Task The_pages_are_open_and_what_is_no_page_is_not(string path, HttpStatusCode status)
    {
        using var client = _application.CreateClient();
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Aborted);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
    }

    public void Dispose() => _application.Dispose();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;
}
