using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rnn.Api.Commands;
using Rnn.Api.Security;
using Rnn.Client;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Security;

public sealed class KeyTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-tests-");

    [Fact]
    public async Task A_key_is_taken_from_either_header_and_never_from_the_url()
    {
        using var application = Keys.Application();
        using var client = application.CreateClient();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/api/v1/models", ("Authorization", $"bearer {Keys.Alice}")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/api/v1/models", ("X-Api-Key", Keys.Alice)));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "/api/v1/models", ("Authorization", $"Basic {Keys.Alice}")));
        foreach (var name in new[] { "key", "api_key", "access_token", "X-Api-Key" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, $"/api/v1/models?{name}={Keys.Alice}"));
        }
    }

    [Fact]
    public async Task The_client_sends_the_key_that_it_is_given()
    {
        using var application = Keys.Application();
        using var http = application.CreateClient();

        Assert.NotEmpty(await new RnnClient(http, key: Keys.Alice).GetModelsAsync(Aborted));
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await Assert.ThrowsAsync<RnnException>(() => new RnnClient(http).GetModelsAsync(Aborted))).Status);
    }

    [Fact]
    public async Task The_command_makes_a_key_and_the_hash_that_takes_it()
    {
        using var output = new StringWriter();
        Assert.Equal(0, await CommandLine.InvokeAsync(["key"], output, TextWriter.Null));
        var parts = output.ToString().Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var (key, hash) = (parts[1], parts[3]);

        foreach (var form in new[] { hash, hash.ToUpperInvariant(), Convert.ToBase64String(Convert.FromHexString(hash)) })
        {
            using var application = new RnnApplication { Settings = { ["Access:Keys:0:Name"] = "me", ["Access:Keys:0:Hash"] = form } };
            using var client = application.ClientOf(key);
            await GetAsync(client, "/api/v1/models");
        }
    }

    [Fact]
    public async Task Keys_also_stand_in_a_file_of_their_own()
    {
        var file = Path.Combine(_folder.FullName, "keys.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            Keys = new[] { new { Name = "filed", Hash = Convert.ToHexString(AccessKey.HashOf("filed-key")), Scopes = new[] { "predict" } } },
        }), Aborted);
        using var application = Keys.Application(("Access:KeyFile", file));

        foreach (var key in new[] { "filed-key", Keys.Alice })
        {
            using var client = application.ClientOf(key);
            await GetAsync(client, "/api/v1/models");
        }
    }

    [Fact]
    public async Task A_file_of_keys_that_can_not_be_read_is_told_with_the_place()
    {
        var file = Path.Combine(_folder.FullName, "keys.json");
        await File.WriteAllTextAsync(file, """{ "Keys": [ """, Aborted);

        Assert.Matches(
            $"^Access:KeyFile '{Regex.Escape(file)}' can't be read: .*LineNumber: 0",
            Assert.Throws<InvalidOperationException>(() => new AccessKeys(new() { KeyFile = file })).Message);
    }

    [Theory]
    [InlineData("""{ "Keys": [{ "Name": "a", "Hash": "00", "Models": [] }] }""", "Keys:0:Models is empty")]
    [InlineData("""{ "Keys": [{ "Name": "a", "Hash": "00", "Scopes": [] }] }""", "Keys:0:Scopes is empty")]
    [InlineData("""{ "Keys": [] }""", "Keys is empty")]
    [InlineData("""{ "Keyz": [{ "Name": "a", "Hash": "00" }] }""", "'Keyz'")]
    [InlineData("""{ }""", "It holds no Keys")]
    public async Task A_file_of_keys_that_says_nothing_or_what_is_not_known_is_no_open_door(string text, string reason)
    {
        var file = Path.Combine(_folder.FullName, "keys.json");
        await File.WriteAllTextAsync(file, text, Aborted);

        Assert.Contains(reason, Assert.Throws<InvalidOperationException>(() => new AccessKeys(new() { KeyFile = file })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_that_are_one_are_refused()
    {
        var hash = Convert.ToHexString(AccessKey.HashOf("key"));

        Assert.Contains(
            "have the same Hash",
            Assert.Throws<InvalidOperationException>(() => new AccessKeys(new() { Keys = [new() { Name = "a", Hash = hash }, new() { Name = "b", Hash = hash.ToLowerInvariant() }] })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Access:Keys:0:Hash", "abc", "Access:Keys:0:Hash must be a SHA-256")]
    [InlineData("Access:Keys:0:Name", "a b", "Access:Keys:0:Name must have")]
    [InlineData("Access:Keys:0:Name", "~a", "must not begin with '~'")]
    [InlineData("Access:Keys:0:Scopes:0", "infer", "there are predict, manage, metrics")]
    [InlineData("Access:AllowAnonymous", "true", "it is one or the other")]
    [InlineData("Access:KeyFile", "/no/such/file", "Access:KeyFile '/no/such/file' can't be read")]
    [InlineData("Server:CorsOrigins:0", "https://app.example/", "'https://app.example/' is no origin")]
    [InlineData("Server:SocketOrigins:0", "*", "'*' is no origin")]
    [InlineData("Sessions:TimeToLive", "60", "is longer than MaxTimeToLive")]
    [InlineData("Access:Jwt:Authority", "https://id.example", "Jwt needs an Audience")]
    public async Task What_can_not_be_meant_keeps_the_server_from_starting(string key, string value, string reason)
    {
        var hash = Convert.ToHexString(AccessKey.HashOf(Keys.Alice));
        string[] good = [.. new[] { "--Access:Keys:0:Name=alice", $"--Access:Keys:0:Hash={hash}" }.Where(setting => !setting.Contains(key, StringComparison.Ordinal))];

        var (exitCode, log) = await HostTests.StartAsync([.. good, $"--{key}={value}"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("Stopped: ", log, StringComparison.Ordinal);
        Assert.Contains(reason, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_this_machine_alone_no_key_is_needed()
    {
        using var application = new RnnApplication();
        using var client = application.StartOnSocket();

        await GetAsync(client, "/api/v1/models");
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(client, "/api/v1/models", ("Host", "evil.example")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/api/v1/models", ("Host", "[::1]:8080")));
    }

    [Fact]
    public async Task A_server_that_others_can_reach_makes_a_key_that_only_its_own_user_can_read()
    {
        var file = Path.Combine(_folder.FullName, "made");
        string key;
        using (var application = new RnnApplication { Settings = { ["Access:GeneratedKeyFile"] = file } })
        {
            using var client = application.StartOnSocket(IPAddress.Any);
            var lines = await File.ReadAllLinesAsync(file, Aborted);
            key = lines[0];

            Assert.Equal($"http://localhost:{client.BaseAddress!.Port}/#key={key}", lines[1]);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "/api/v1/models"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/ready"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/api/v1/models", ("Authorization", $"Bearer {key}"), ("Host", "a.name")));
        }

        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task It_is_open_if_that_is_said()
    {
        using var application = new RnnApplication { Settings = { ["Access:AllowAnonymous"] = "true" } };
        using var client = application.StartOnSocket(IPAddress.Any);

        await GetAsync(client, "/api/v1/models");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://[::1]:1", true)]
    [InlineData("http://localhost:1", true)]
    [InlineData("http://unix:/run/rnn.sock", true)]
    [InlineData("http://[::]:1", false)]
    [InlineData("http://0.0.0.0:1", false)]
    [InlineData("http://*:1", false)]
    [InlineData("http://10.0.0.1:1", false)]
    [InlineData("http://localhost.example:1", false)]
    public void What_is_not_known_to_be_this_machines_alone_is_not(string address, bool isLocal) => Assert.Equal(isLocal, Bindings.IsLocal(address));

    public void Dispose() => _folder.Delete(recursive: true);

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, Aborted);
        return response.StatusCode;
    }
}
