using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rnn.Engine.Sessions;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Security;

public sealed class LimitTests
{
    [Fact]
    public async Task A_key_that_has_used_up_its_requests_waits_and_others_do_not()
    {
        using var application = Keys.Application(("Access:RequestsPerSecond", "0.001"), ("Access:Burst", "3"));
        using var alice = application.ClientOf(Keys.Alice);
        using var bob = application.ClientOf(Keys.Bob);
        for (var i = 0; i < 3; i++)
        {
            await GetAsync(alice, "/api/v1/models");
        }

        using var refused = await alice.GetAsync(new Uri("/api/v1/models", UriKind.Relative), Aborted);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("urn:rnn:problem:too-many-requests", await refused.Content.ReadAsStringAsync(Aborted), StringComparison.Ordinal);
        await GetAsync(bob, "/api/v1/models");
        await GetAsync(bob, "/openapi/v1.json");
    }

    [Fact]
    public async Task An_address_that_tries_wrong_keys_is_put_off_and_right_keys_still_pass()
    {
        using var application = Keys.Application(("Access:FailuresPerMinute", "2"));
        using var wrong = application.ClientOf(Keys.Unknown);
        using var right = application.ClientOf(Keys.Alice);
        using var none = application.ClientOf(null);
        await GetAsync(wrong, "/api/v1/models", HttpStatusCode.Unauthorized);
        await GetAsync(wrong, "/api/v1/models", HttpStatusCode.Unauthorized);

        await GetAsync(wrong, "/api/v1/models", HttpStatusCode.TooManyRequests);

        await GetAsync(right, "/api/v1/models");
        await GetAsync(none, "/api/v1/models", HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("Sqlite")]
    public async Task An_owner_has_so_many_sessions_and_another_owner_his_own(string store)
    {
        using var folder = new TemporaryFolder();
        using var application = Over(store, folder, "Sessions:MaxPerOwner", "2");
        using var alice = application.ClientOf(Keys.Alice);
        using var bob = application.ClientOf(Keys.Bob);
        var first = await NewSessionAsync(alice, "names");
        await NewSessionAsync(alice, "names");

        var problem = await PostAsync(alice, "/api/v1/sessions", new { model = "names" }, HttpStatusCode.InsufficientStorage);

        Assert.Equal("urn:rnn:problem:owner-full", (string)problem["type"]!);
        await NewSessionAsync(bob, "names");
        await SendAsync(alice, "DELETE", $"/api/v1/sessions/{first}", status: HttpStatusCode.NoContent);
        await NewSessionAsync(alice, "names");
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("Sqlite")]
    public async Task An_owners_sessions_take_so_many_bytes(string store)
    {
        using var folder = new TemporaryFolder();
        using var application = Over(store, folder, "Sessions:MaxBytesPerOwner", "1500");
        using var alice = application.ClientOf(Keys.Alice);
        await NewSessionAsync(alice, "names");

        var problem = await PostAsync(alice, "/api/v1/sessions", new { model = "names" }, HttpStatusCode.InsufficientStorage);

        Assert.Contains("Sessions:MaxBytesPerOwner", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("Sqlite")]
    public async Task A_step_that_makes_an_owners_sessions_too_large_is_not_made_and_one_that_does_not_is(string store)
    {
        using var folder = new TemporaryFolder();
        using var application = Over(store, folder, "Sessions:MaxBytesPerOwner", "6000");
        using var alice = application.ClientOf(Keys.Alice);
        await PostAsync(alice, "/api/v1/sessions", new { model = "names", id = "grows", history = 100 }, HttpStatusCode.Created);
        await PostAsync(alice, "/api/v1/sessions", new { model = "names", id = "stays" }, HttpStatusCode.Created);
        var steps = 0;
        while (await StatusAsync("grows") == HttpStatusCode.OK)
        {
            Assert.InRange(++steps, 1, 20);
        }

        Assert.Equal(HttpStatusCode.InsufficientStorage, await StatusAsync("grows"));
        Assert.Equal(steps, (long)(await GetAsync(alice, "/api/v1/sessions/grows"))["step"]!);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("stays"));
        await PostAsync(alice, "/api/v1/sessions/grows/reset", new { });
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("grows"));

        async Task<HttpStatusCode> StatusAsync(string session)
        {
            using var reply = await alice.PostAsJsonAsync(new Uri($"/api/v1/sessions/{session}/step", UriKind.Relative), new { text = "T" }, Aborted);
            return reply.StatusCode;
        }
    }

    [Fact]
    public async Task Short_of_memory_no_new_work_is_taken_and_what_there_is_can_be_read_and_deleted()
    {
        using var application = Keys.Application(("Server:MemoryWatermark", "0.0001"));
        using var client = application.ClientOf(Keys.Alice);

        using var body = new StringContent("""{"text":"T"}""", Encoding.UTF8, "application/json");
        using var refused = await client.PostAsync(new Uri("/api/v1/models/names/step", UriKind.Relative), body, Aborted);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await GetAsync(client, "/api/v1/models");
        await SendAsync(client, "DELETE", "/api/v1/sessions/none", status: HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_answered_504_and_leaves_its_session()
    {
        using var application = Keys.Application(("Server:RequestTimeout", "00:00:00.1"));
        using var client = application.ClientOf(Keys.Alice);
        await PostAsync(client, "/api/v1/sessions", new { model = "austen", id = "s" }, HttpStatusCode.Created);

        // Another holds the session, for longer than a request may wait.
        using var turn = await application.Services.GetRequiredService<Turns>().TakeAsync("alice/s", call: null, Aborted);
        var problem = await PostAsync(client, "/api/v1/sessions/s/step", new { text = "T" }, HttpStatusCode.GatewayTimeout);

        Assert.Equal("urn:rnn:problem:timed-out", (string)problem["type"]!);
        Assert.Equal(0, (long)(await GetAsync(client, "/api/v1/sessions/s"))["step"]!);
    }

    [Fact]
    public async Task A_stream_goes_on_beyond_the_time_of_a_request_and_ends_at_its_own()
    {
        using var application = Keys.Application(("Server:RequestTimeout", "00:00:00.1"), ("Server:StreamTimeout", "00:00:00.3"), ("Limits:MaxGeneratedLength", "1000000"));
        using var client = application.ClientOf(Keys.Alice);

        var events = await StreamAsync(client, "/api/v1/models/austen/generate", new { text = "T", maxLength = 1_000_000, stream = true });

        Assert.Contains("Server:StreamTimeout", (string)events[^1]["error"]!, StringComparison.Ordinal);
        Assert.True(events.Count > 1);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model":"austen","prompt":"T","max_tokens":1000000,"stream":true}""")]
    [InlineData("/v2/models/austen/generate_stream", """{"text_input":"T","parameters":{"max_tokens":1000000}}""")]
    public async Task So_does_one_of_another_protocol(string path, string body)
    {
        using var application = Keys.Application(("Server:RequestTimeout", "00:00:00.1"), ("Server:StreamTimeout", "00:00:00.3"), ("Limits:MaxGeneratedLength", "1000000"), ("Limits:MaxGeneratedInAll", "1000000"));
        using var client = application.ClientOf(Keys.Alice);

        var events = await StreamAsync(client, path, body);

        Assert.Contains("Server:StreamTimeout", events[^1]["error"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.True(events.Count > 1);
    }

    [Theory]
    [InlineData("https://app.example", "https://app.example")]
    [InlineData("https://evil.example", null)]
    public async Task A_page_of_another_origin_may_call_only_if_it_is_named(string origin, string? allowed)
    {
        using var application = Keys.Application(("Server:CorsOrigins:0", "https://app.example"));
        using var client = application.ClientOf(null);
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/models/names/step");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");

        using var response = await client.SendAsync(request, Aborted);

        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    sealed class TemporaryFolder : IDisposable
    {
        readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }

    static RnnApplication Over(string store, TemporaryFolder folder, string option, string value) =>
        Keys.Application((option, value), ("Store:Kind", store), ("Store:Path", Path.Combine(folder.Path, "s.db")));
}
