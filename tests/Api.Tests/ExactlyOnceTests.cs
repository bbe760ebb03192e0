using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Storage;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>Numbered steps, conditions on them, and calls that may be sent twice.</summary>
public abstract class ExactlyOnceTests(StoreKind kind) : OverEachStore(kind)
{
    [Fact]
    public async Task Every_reply_tells_the_step_as_an_ETag()
    {
        using var created = await SendAsync("", new { model = "names", id = "a" });
        using var step = await SendAsync("a/step", new { text = "T" });
        using var sequence = await SendAsync("a/sequence", new { text = "ana" });
        using var reset = await SendAsync("a/reset", new { });
        using var get = await Client.GetAsync(new Uri("/api/v1/sessions/a", UriKind.Relative), Aborted);
        using var state = await Client.GetAsync(new Uri("/api/v1/sessions/a/state", UriKind.Relative), Aborted);

        Assert.Equal(
            ["\"0\"", "\"1\"", "\"4\"", "\"0.1\"", "\"0.1\"", "\"0.1\""],
            new[] { created, step, sequence, reset, get, state }.Select(response => response.Headers.ETag!.Tag));
    }

    [Theory]
    [InlineData("\"1\"", HttpStatusCode.OK)]
    [InlineData("1", HttpStatusCode.OK)]
    [InlineData("*", HttpStatusCode.OK)]
    [InlineData("\"0\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("\"1.1\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("W/\"1\"", HttpStatusCode.BadRequest)]
    [InlineData("\"1\", \"2\"", HttpStatusCode.BadRequest)]
    [InlineData("\"\"", HttpStatusCode.BadRequest)]
    public async Task If_Match_makes_a_call_conditional(string ifMatch, HttpStatusCode expected)
    {
        await NewAsync("a");
        (await SendAsync("a/step", new { text = "T" })).Dispose();

        foreach (var (path, body) in new (string, object)[]
        {
            ("a/step", new { text = "a", commit = false }), ("a/sequence", new { text = "ab", commit = false }), ("a/step", new { text = "a" }),
        })
        {
            using var response = await SendAsync(path, body, ifMatch: ifMatch);
            Assert.Equal(expected, response.StatusCode);
        }

        Assert.Equal(expected == HttpStatusCode.OK ? 2 : 1, await StepOfAsync("a"));
    }

    [Theory]
    [InlineData("POST", "reset", "{}")]
    [InlineData("POST", "rewind", """{"step":0}""")]
    [InlineData("POST", "move", "{}")]
    [InlineData("PUT", "state", """{"layers":[]}""")]
    [InlineData("DELETE", "", null)]
    public async Task Whatever_changes_a_session_can_be_made_conditional(string method, string path, string? body)
    {
        await NewAsync("a");
        foreach (var (tag, status) in new[] { ("\"9\"", HttpStatusCode.PreconditionFailed), ("\"0\"", method == "DELETE" ? HttpStatusCode.NoContent : HttpStatusCode.OK) })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/sessions/a/{path}".TrimEnd('/'));
            request.Headers.TryAddWithoutValidation("If-Match", tag);
            request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await Client.SendAsync(request, Aborted);
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("step", """{"text":"T"}""")]
    [InlineData("sequence", """{"text":"Tana","return":"all"}""")]
    [InlineData("generate", """{"text":"Emma","maxLength":20}""")]
    [InlineData("generate", """{"text":"Emma","maxLength":20,"stream":true}""")]
    public async Task A_call_that_is_repeated_gets_the_first_answer_and_is_not_applied_again(string path, string body)
    {
        await NewAsync("a", "austen");
        using var first = await SendAsync($"a/{path}", body, key: "\"k-1\"");
        var step = await StepOfAsync("a");
        (await SendAsync("a/step", new { text = "x" })).Dispose();
        using var again = await SendAsync($"a/{path}", body, key: "k-1", ifMatch: "\"0\"");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(Aborted), await again.Content.ReadAsByteArrayAsync(Aborted));
        Assert.Equal(first.Content.Headers.ContentType?.MediaType, again.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"\"{step}\"", again.Headers.ETag!.Tag);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(step + 1, await StepOfAsync("a"));
    }

    [Fact]
    public async Task The_order_of_properties_and_blanks_do_not_make_another_request()
    {
        await NewAsync("a");
        using var first = await SendAsync("a/step", """{"text":"T","top":2}""", key: "k");
        using var again = await SendAsync("a/step", """{ "top": 2, "text": "T", "commit": true }""", key: "k");

        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_key_stands_for_one_request()
    {
        await NewAsync("a");
        (await SendAsync("a/step", new { text = "T" }, key: "k")).Dispose();

        foreach (var (path, body) in new (string, object)[] { ("a/step", new { text = "t" }), ("a/sequence", new { text = "T" }) })
        {
            using var response = await SendAsync(path, body, key: "k");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        }

        await NewAsync("b");
        using var other = await SendAsync("b/step", new { text = "t" }, key: "k");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData(256)]
    public async Task A_key_that_can_not_be_kept_is_refused(object key)
    {
        await NewAsync("a");
        using var response = await SendAsync("a/step", new { text = "T" }, key: key as string ?? new string('k', (int)key));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_call_that_failed_is_not_remembered()
    {
        await NewAsync("a");
        using var failed = await SendAsync("a/step", new { text = "T" }, key: "k", ifMatch: "\"5\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, failed.StatusCode);

        using var again = await SendAsync("a/step", new { text = "T" }, key: "k");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, await StepOfAsync("a"));
    }

    [Fact]
    public async Task A_call_is_refused_while_the_same_call_is_under_way()
    {
        await NewAsync("a", "austen");
        using var stream = await StreamAsync(key: "k");
        await FirstByteAsync(stream);

        using var again = await SendAsync("a/generate", Endless, key: "k");
        using var other = await SendAsync("a/step", new { text = "x" }, key: "k");

        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal("true", again.Headers.GetValues("x-should-retry").Single());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
    }

    [Fact]
    public async Task Of_fifty_equal_calls_at_once_one_is_applied()
    {
        await NewAsync("a");

        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SendAsync("a/step", new { text = "T" }, key: "k")));

        Assert.All(responses, response => Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{response.StatusCode}"));
        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.OK && !response.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(1, await StepOfAsync("a"));
    }

    [Fact]
    public async Task A_stream_that_was_cut_off_is_told_again_as_far_as_it_was_sent()
    {
        await NewAsync("a", "austen");
        using (var stream = await StreamAsync(key: "k"))
        {
            await FirstByteAsync(stream);
        }

        // The next call waits for its turn, so it comes after the stream has let the session go.
        using var next = await SendAsync("a/step", new { text = "x" });
        var step = (long)(await next.Content.ReadFromJsonAsync<JsonNode>(Aborted))!["step"]!;
        using var again = await SendAsync("a/generate", Endless, key: "k");

        // Either it is short enough to be kept, or its answer is told not to be.
        if (again.StatusCode == HttpStatusCode.OK)
        {
            var text = await again.Content.ReadAsStringAsync(Aborted);
            Assert.Contains("event: error", text, StringComparison.Ordinal);
            Assert.Contains($"\"step\":{step - 1}", text, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
            Assert.Equal("false", again.Headers.GetValues("x-should-retry").Single());
        }
    }

    [Fact]
    public async Task The_last_keys_are_kept_and_an_answer_that_is_too_large_is_told_not_to_be()
    {
        using var application = new RnnApplication { Settings = { ["Sessions:KeptAnswers"] = "2", ["Sessions:RememberedKeys"] = "2", ["Sessions:MaxAnswerBytes"] = "2000" } };
        using var client = application.CreateClient();
        await PostAsync(client, "/api/v1/sessions", new { model = "names", id = "a" }, HttpStatusCode.Created);
        foreach (var (key, status) in new[] { ("1", 200), ("2", 200), ("3", 200), ("2", 200), ("1", 409), ("4", 200), ("2", 409), ("5", 200), ("1", 200) })
        {
            using var step = await SendAsync(client, "a/step", new { text = "T" }, key, null);
            Assert.Equal((HttpStatusCode)status, step.StatusCode);
        }

        // 1 to 5, and 1 again: it was forgotten when 2 and 3 were the past ones.
        Assert.Equal(6, (long)(await GetAsync(client, "/api/v1/sessions/a"))["step"]!);
        using var large = await SendAsync(client, "a/sequence", new { text = new string('T', 50), @return = "all" }, "large", null);
        using var again = await SendAsync(client, "a/sequence", new { text = new string('T', 50), @return = "all" }, "large", null);
        Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal(56, (long)(await GetAsync(client, "/api/v1/sessions/a"))["step"]!);
    }

    static object Endless => new { text = "Emma", maxLength = 1_000_000, stream = true, seed = 1 };

    async Task NewAsync(string id, string model = "names") => await PostAsync(Client, "/api/v1/sessions", new { model, id }, HttpStatusCode.Created);

    async Task<long> StepOfAsync(string id) => (long)(await GetAsync(Client, $"/api/v1/sessions/{id}"))["step"]!;

    Task<HttpResponseMessage> SendAsync(string path, object body, string? key = null, string? ifMatch = null) =>
        SendAsync(Client, path, body, key, ifMatch);

    static Task<HttpResponseMessage> SendAsync(HttpClient client, string path, object body, string? key, string? ifMatch) =>
        client.SendAsync(Request(path, body, key, ifMatch), Aborted);

    async Task<Stream> StreamAsync(string key)
    {
        var client = Leaving(Client);
        var response = await client.SendAsync(Request("a/generate", Endless, key, null), HttpCompletionOption.ResponseHeadersRead, Aborted);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Aborted);
    }

    static async Task FirstByteAsync(Stream stream) => await stream.ReadExactlyAsync(new byte[1], Aborted);

    static HttpRequestMessage Request(string path, object body, string? key, string? ifMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{path}".TrimEnd('/'))
        {
            Content = body is string json ? new StringContent(json, System.Text.Encoding.UTF8, "application/json") : JsonContent.Create(body),
        };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return request;
    }
}

public sealed class ExactlyOnceInMemoryTests() : ExactlyOnceTests(StoreKind.Memory);

public sealed class ExactlyOnceInSqliteTests() : ExactlyOnceTests(StoreKind.Sqlite);

public sealed class ExactlyOnceInRedisTests() : ExactlyOnceTests(StoreKind.Redis);
