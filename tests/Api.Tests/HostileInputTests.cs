using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>Whatever comes in, the answer is a problem that names the place, and the server goes on serving.</summary>
public sealed class HostileInputTests(HostileInputTests.Server server) : IClassFixture<HostileInputTests.Server>
{
    const string Austen = "/api/v1/models/austen";
    const string Temperature = "/api/v1/models/temperature";

    readonly HttpClient _client = server.Client;

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Austen + "/step", """{"text":""", "/text")]
    [InlineData(Austen + "/step", "", "")]
    [InlineData(Austen + "/step", "null", "")]
    [InlineData(Austen + "/step", "[]", "")]
    [InlineData(Austen + "/step", """{"text":"a"} trailing""", "")]
    [InlineData(Austen + "/step", """{"text":"a","text":"b"}""", "/text")]
    [InlineData(Austen + "/step", """{"txet":"a"}""", "/txet")]
    [InlineData(Austen + "/step", """{"text":3}""", "/text")]
    [InlineData(Austen + "/step", """{"text":"ab"}""", "")]
    [InlineData(Austen + "/step", "{}", "")]
    [InlineData(Austen + "/step", """{"text":"漢"}""", "/text")]
    [InlineData(Austen + "/step", """{"text":"\ud800"}""", "/text")]
    [InlineData(Austen + "/step", """{"tokens":[99999]}""", "/tokens/0")]
    [InlineData(Austen + "/step", """{"tokens":[-1]}""", "/tokens/0")]
    [InlineData(Austen + "/step", """{"tokens":[1.5]}""", "/tokens/0")]
    [InlineData(Austen + "/step", """{"values":[1]}""", "/values")]
    [InlineData(Austen + "/step", """{"text":"a","top":0}""", "/top")]
    [InlineData(Austen + "/step", """{"text":"a","version":-1}""", null, HttpStatusCode.NotFound)]
    [InlineData(Austen + "/step", """{"text":"a","state":{"layers":[{"layer":"lstm.0","hidden":[1e39]}]}}""", "/state/layers/0/hidden", HttpStatusCode.UnprocessableEntity)]
    [InlineData(Austen + "/step", """{"text":"a","state":{"layers":[null]}}""", "/state/layers/0", HttpStatusCode.UnprocessableEntity)]
    [InlineData(Austen + "/step", """{"text":"a","state":{"step":9007199254740992,"layers":[]}}""", "/state/step", HttpStatusCode.UnprocessableEntity)]
    [InlineData(Austen + "/step", """{"text":"a","state":{"step":9223372036854775807,"layers":[]}}""", "/state/step", HttpStatusCode.UnprocessableEntity)]
    [InlineData(Austen + "/sequence", """{"text":"a","return":"first"}""", "/return")]
    [InlineData(Austen + "/sequence", """{"text":"a","return":1}""", "/return")]
    [InlineData(Austen + "/generate", """{"text":"a","maxLength":1000000000}""", "/maxLength")]
    [InlineData(Austen + "/generate", """{"text":"a","maxLength":99999999999}""", "/maxLength")]
    [InlineData(Austen + "/generate", """{"text":"a","temperature":-1}""", "/temperature")]
    [InlineData(Austen + "/generate", """{"text":"a","temperature":1e999}""", "/temperature")]
    [InlineData(Austen + "/generate", """{"text":"a","temperature":"NaN"}""", "/temperature")]
    [InlineData(Austen + "/generate", """{"text":"a","topK":-1}""", "/topK")]
    [InlineData(Austen + "/generate", """{"text":"a","topP":0}""", "/topP")]
    [InlineData(Austen + "/generate", """{"text":"a","seed":-1}""", "/seed")]
    [InlineData(Austen + "/generate", """{"text":"a","stop":[""]}""", "/stop/0")]
    [InlineData(Austen + "/generate", """{"text":"a","stop":[null]}""", "/stop/0")]
    [InlineData(Temperature + "/step", """{"values":[1,2,3]}""", "/values")]
    [InlineData(Temperature + "/step", """{"values":[1e39,0,1000,1,1,1]}""", "/values/0")]
    [InlineData(Temperature + "/step", """{"values":[1,0,1e999,1,1,1]}""", "/values/2")]
    [InlineData(Temperature + "/step", """{"values":[NaN,0,1000,1,1,1]}""", "/values/0")]
    [InlineData(Temperature + "/step", """{"values":["NaN",0,1000,1,1,1]}""", "/values/0")]
    [InlineData(Temperature + "/step", """{"values":[null,0,1000,1,1,1]}""", "/values/0")]
    [InlineData(Temperature + "/step", """{"values":[[1,2,3,4,5,6]]}""", "/values/0")]
    [InlineData(Temperature + "/sequence", """{"values":[[1,0,1000,1,1,1],[1,0,1000,1,1]]}""", "/values/1")]
    [InlineData(Temperature + "/sequence", """{"values":[[1,0,1000,1,1,1],null]}""", "/values/1")]
    [InlineData(Temperature + "/sequence", """{"values":[[1,0,1000,1,1,1],[1,0,-1e39,1,1,1]]}""", "/values/1/2")]
    [InlineData(Temperature + "/sequence", """{"values":[]}""", "")]
    [InlineData(Temperature + "/sequence", """{"text":"warm"}""", "/text")]
    [InlineData(Temperature + "/generate", """{"values":[[1,0,1000,1,1,1]]}""", null, HttpStatusCode.UnprocessableEntity)]
    [InlineData("/api/v1/models/none/step", """{"text":"a"}""", null, HttpStatusCode.NotFound)]
    [InlineData("/api/v1/models/..%2F..%2Fetc/step", """{"text":"a"}""", null, HttpStatusCode.NotFound)]
    [InlineData("/api/v1/sessions", """{"model":"none"}""", null, HttpStatusCode.NotFound)]
    [InlineData("/api/v1/sessions", """{"model":null}""", "/model")]
    [InlineData("/api/v1/sessions", "{}", "")]
    [InlineData("/api/v1/sessions", """{"model":"austen","id":""}""", "/id")]
    [InlineData("/api/v1/sessions", """{"model":"austen","id":"a/b"}""", "/id")]
    [InlineData("/api/v1/sessions", """{"model":"austen","id":"..\\b"}""", "/id")]
    [InlineData("/api/v1/sessions", """{"model":"austen","id":".."}""", "/id")]
    [InlineData("/api/v1/sessions", """{"model":"austen","id":"a\u0000b"}""", "/id")]
    [InlineData("/api/v1/sessions", """{"model":"austen","id":"a\r\nb"}""", "/id")]
    [InlineData("/api/v1/sessions", """{"model":"austen","timeToLive":0}""", "/timeToLive")]
    [InlineData("/api/v1/sessions", """{"model":"austen","timeToLive":1e300}""", "/timeToLive")]
    [InlineData("/api/v1/sessions", """{"model":"austen","timeToLive":1e9}""", "/timeToLive")]
    [InlineData("/api/v1/sessions/a%0D%0Ab/step", """{"text":"a"}""", "/id")]
    [InlineData("/api/v1/sessions/a%2Fb/step", """{"text":"a"}""", "/id")]
    [InlineData("/api/v1/sessions/%E2%80%AEabc/step", """{"text":"a"}""", "/id")]
    [InlineData("/api/v1/sessions/none/step", """{"text":"a"}""", "/id", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/nothing", "{}", null, HttpStatusCode.NotFound)]
    [InlineData("/api/v1/models", "{}", null, HttpStatusCode.MethodNotAllowed)]
    public async Task A_bad_request_is_answered_with_the_place(
        string path, string body, string? pointer, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        var problem = await PostAsync(_client, path, body, status);

        Assert.False(string.IsNullOrWhiteSpace((string)problem["title"]!));
        Assert.False(string.IsNullOrWhiteSpace((string)problem["detail"]!));
        Assert.StartsWith("urn:rnn:problem:", (string)problem["type"]!, StringComparison.Ordinal);
        Assert.Equal(pointer, (string?)problem["errors"]?[0]!["pointer"]);
        Assert.DoesNotContain("System.", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Rnn.", problem.ToJsonString(), StringComparison.Ordinal);
        await StillServesAsync();
    }

    [Theory]
    [InlineData("temperature", "step", """{"values":[1,0,1e999,1,1,1]}""", "/values/2")]
    [InlineData("temperature", "sequence", """{"values":[[1,0,1000,1,1,1],[1,0,-1e999,1,1,1]]}""", "/values/1/2")]
    [InlineData("austen", "generate", """{"text":"a","temperature":1e999}""", "/temperature")]
    [InlineData("austen", "generate", """{"text":"a","topP":1e999}""", "/topP")]
    [InlineData("austen", "generate", """{"text":"a","stop":[null]}""", "/stop/0")]
    [InlineData("austen", "step", """{"text":"\ud800"}""", "/text")]
    public async Task A_bad_request_with_a_key_is_answered_with_the_place_too(string model, string path, string body, string pointer)
    {
        var session = await NewSessionAsync(_client, model);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{session}/{path}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Idempotency-Key", "key" } },
        };

        using var response = await _client.SendAsync(request, Aborted);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Aborted))!;
        Assert.Equal(pointer, (string?)problem["errors"]?[0]!["pointer"]);
        await StillServesAsync();
    }

    [Theory]
    [InlineData("{\"values\":", "[", "]", "}")]
    [InlineData("", "{\"state\":", "}", "")]
    [InlineData("", "[", "]", "")]
    public async Task Ten_thousand_levels_of_nesting_are_refused(string start, string open, string close, string end)
    {
        var body = start + string.Concat(Enumerable.Repeat(open, 10_000)) + string.Concat(Enumerable.Repeat(close, 10_000)) + end;

        var problem = await PostAsync(_client, Temperature + "/sequence", body, HttpStatusCode.BadRequest);

        Assert.Equal("urn:rnn:problem:invalid-json", (string)problem["type"]!);
        await StillServesAsync();
    }

    [Fact]
    public async Task A_body_of_100_MB_is_refused_unread()
    {
        using var content = new StringContent($"{{\"text\":\"{new string('a', 100 << 20)}\"}}", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Austen + "/sequence") { Content = content };
        request.Headers.ExpectContinue = true;                 // as curl does: the answer comes before the body is sent

        using var response = await _client.SendAsync(request, Aborted);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(Aborted))!;
        Assert.Equal("urn:rnn:problem:body-too-large", (string)problem["type"]!);
        await StillServesAsync();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("%20")]
    public async Task An_id_of_64_KiB_is_refused_by_name(string character)
    {
        var id = string.Concat(Enumerable.Repeat(character, (64 << 10) / character.Length));

        var problem = await GetAsync(_client, $"/api/v1/sessions/{id}", HttpStatusCode.BadRequest);
        Assert.Equal("/id", (string)problem["errors"]![0]!["pointer"]!);

        problem = await PostAsync(_client, "/api/v1/sessions", new { model = "austen", id }, HttpStatusCode.BadRequest);
        Assert.Equal("/id", (string)problem["errors"]![0]!["pointer"]!);
        await StillServesAsync();
    }

    [Fact]
    public async Task A_sequence_longer_than_the_limit_is_refused_by_name()
    {
        var problem = await PostAsync(_client, Austen + "/sequence", new { text = new string('a', 65_537) }, HttpStatusCode.BadRequest);

        Assert.Equal("/text", (string)problem["errors"]![0]!["pointer"]!);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_that_is_not_JSON_is_415(string type)
    {
        using var content = new StringContent("""{"text":"a"}""", Encoding.UTF8, type);

        using var response = await _client.PostAsync(new Uri(Austen + "/step", UriKind.Relative), content, Aborted);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("utf-7")]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"utf-8\"")]
    public async Task JSON_is_UTF_8_whatever_charset_is_told_with_it(string charset)
    {
        using var content = new ByteArrayContent("""{"text":"a"}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", $"application/json; charset={charset}");

        using var response = await _client.PostAsync(new Uri(Austen + "/step", UriKind.Relative), content, Aborted);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Invalid_UTF_8_is_refused()
    {
        using var content = new ByteArrayContent([.. "{\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");

        using var response = await _client.PostAsync(new Uri(Austen + "/step", UriKind.Relative), content, Aborted);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await StillServesAsync();
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?limit=1001")]
    [InlineData("?limit=x")]
    public async Task A_page_size_out_of_range_is_named(string query)
    {
        var problem = await GetAsync(_client, $"/api/v1/sessions{query}", HttpStatusCode.BadRequest);

        Assert.Equal("/limit", (string)problem["errors"]![0]!["pointer"]!);
    }

    async Task StillServesAsync() => await PostAsync(_client, Austen + "/step", new { text = "a" });

    /// <summary>One server takes it all.</summary>
    public sealed class Server : IDisposable
    {
        readonly RnnApplication _application = new();

        public Server() => Client = _application.StartOnSocket();

        public HttpClient Client { get; }

        public void Dispose() => _application.Dispose();
    }
}
