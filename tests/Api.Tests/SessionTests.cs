using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

public sealed class SessionTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stepping_n_times_is_one_sequence_of_n_to_the_last_bit()
    {
        const string Text = "She was the youngest of the two daughters";
        var steps = await NewSessionAsync(_client, "austen");
        var sequence = await NewSessionAsync(_client, "austen");

        var all = await PostAsync(_client, $"/api/v1/sessions/{sequence}/sequence", new { text = Text, @return = "all" });
        foreach (var (index, character) in Text.Index())
        {
            var step = await PostAsync(_client, $"/api/v1/sessions/{steps}/step", new { text = character.ToString() });
            Assert.True(JsonNode.DeepEquals(all["outputs"]![index], step["output"]), $"step {index}");
            Assert.Equal(index + 1, (long)step["step"]!);
        }

        Assert.Equal(await StateBytesAsync(sequence), await StateBytesAsync(steps));
        Assert.Equal(Text.Length, (long)(await GetAsync(_client, $"/api/v1/sessions/{steps}"))["step"]!);
    }

    [Fact]
    public async Task A_numeric_session_goes_on_between_calls()
    {
        double[][] hours = [.. Enumerable.Range(0, 30).Select(hour => new double[] { hour, 2, 1015, 4, hour % 24, 90 })];
        var session = await NewSessionAsync(_client, "temperature");

        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { values = hours[..20] });
        var second = await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { values = hours[20..] });
        var whole = await PostAsync(_client, "/api/v1/models/temperature/sequence", new { values = hours });

        Assert.True(JsonNode.DeepEquals(whole["output"], second["output"]));
        Assert.Equal(30, (long)second["step"]!);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/octet-stream")]
    public async Task A_state_moves_to_another_session_in_either_form(string form)
    {
        var from = await NewSessionAsync(_client, "names");
        var to = await NewSessionAsync(_client, "names");
        await PostAsync(_client, $"/api/v1/sessions/{from}/sequence", new { text = "Tanak" });

        using var get = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/sessions/{from}/state");
        get.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(form));
        using var state = await _client.SendAsync(get, Aborted);
        Assert.Equal(form, state.Content.Headers.ContentType!.MediaType);
        using var content = new ByteArrayContent(await state.Content.ReadAsByteArrayAsync(Aborted));
        content.Headers.ContentType = new MediaTypeHeaderValue(form);
        using var put = await _client.PutAsync(new Uri($"/api/v1/sessions/{to}/state", UriKind.Relative), content, Aborted);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var expected = await PostAsync(_client, $"/api/v1/sessions/{from}/step", new { text = "a" });
        var actual = await PostAsync(_client, $"/api/v1/sessions/{to}/step", new { text = "a" });
        Assert.True(JsonNode.DeepEquals(expected["output"], actual["output"]));
        Assert.Equal(6, (long)actual["step"]!);
    }

    [Fact]
    public async Task A_state_of_another_model_or_of_the_wrong_size_is_refused_and_changes_nothing()
    {
        var session = await NewSessionAsync(_client, "names");
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "abc" });
        var before = await StateBytesAsync(session);
        var path = $"/api/v1/sessions/{session}/state";
        var other = await NewSessionAsync(_client, "austen");

        var foreign = await GetAsync(_client, $"/api/v1/sessions/{other}/state");
        Assert.Equal("/fingerprint", Pointer(await SendAsync(_client, "PUT", path, foreign.ToJsonString(), HttpStatusCode.UnprocessableEntity)));
        Assert.Equal("/layers/0/layer", Pointer(await SendAsync(
            _client, "PUT", path, """{"layers":[{"layer":"lstm.0","hidden":[1]}]}""", HttpStatusCode.UnprocessableEntity)));
        Assert.Equal("/layers/0/hidden", Pointer(await SendAsync(
            _client, "PUT", path, """{"layers":[{"layer":"gru.0","hidden":[1]}]}""", HttpStatusCode.UnprocessableEntity)));
        Assert.Equal("/step", Pointer(await SendAsync(_client, "PUT", path, """{"step":-1,"layers":[]}""", HttpStatusCode.UnprocessableEntity)));

        Assert.Equal(before, await StateBytesAsync(session));
    }

    [Fact]
    public async Task A_reset_session_begins_anew()
    {
        var session = await NewSessionAsync(_client, "austen");
        var first = await PostAsync(_client, $"/api/v1/sessions/{session}/step", new { text = "E" });
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "mma" });

        var reset = await SendAsync(_client, "POST", $"/api/v1/sessions/{session}/reset");

        Assert.Equal(0, (long)reset["step"]!);
        Assert.True(JsonNode.DeepEquals(first, await PostAsync(_client, $"/api/v1/sessions/{session}/step", new { text = "E" })));
    }

    [Fact]
    public async Task A_call_that_fails_leaves_the_session_where_it_was()
    {
        var session = await NewSessionAsync(_client, "austen");
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "Emma" });
        var before = await StateBytesAsync(session);

        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "Emma 漢" }, HttpStatusCode.BadRequest);

        Assert.Equal(before, await StateBytesAsync(session));
    }

    [Fact]
    public async Task A_session_of_its_own_refuses_version_and_state()
    {
        var session = await NewSessionAsync(_client, "austen");

        Assert.Equal("/version", Pointer(await PostAsync(_client, $"/api/v1/sessions/{session}/step", new { text = "a", version = 1 }, HttpStatusCode.BadRequest)));
        Assert.Equal("/state", Pointer(await PostAsync(_client, $"/api/v1/sessions/{session}/step", """{"text":"a","state":{"layers":[]}}""", HttpStatusCode.BadRequest)));
    }

    [Fact]
    public async Task Never_existed_is_404_and_ended_is_410_with_the_reason()
    {
        await GetAsync(_client, "/api/v1/sessions/never", HttpStatusCode.NotFound);
        var session = await NewSessionAsync(_client, "austen");
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "abc" });

        await SendAsync(_client, "DELETE", $"/api/v1/sessions/{session}", status: HttpStatusCode.NoContent);

        var problem = await PostAsync(_client, $"/api/v1/sessions/{session}/step", new { text = "a" }, HttpStatusCode.Gone);
        Assert.Contains("deleted", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Contains("step 3", (string)problem["detail"]!, StringComparison.Ordinal);
        await SendAsync(_client, "DELETE", $"/api/v1/sessions/{session}", status: HttpStatusCode.Gone);
    }

    [Fact]
    public async Task An_unused_session_expires()
    {
        using var application = new RnnApplication();
        using var client = application.CreateClient();
        var session = (string)(await PostAsync(client, "/api/v1/sessions", new { model = "names", timeToLive = 60 }, HttpStatusCode.Created))["id"]!;
        application.Time.Advance(TimeSpan.FromSeconds(59));
        await PostAsync(client, $"/api/v1/sessions/{session}/step", new { text = "a" });
        application.Time.Advance(TimeSpan.FromSeconds(60));

        var problem = await GetAsync(client, $"/api/v1/sessions/{session}", HttpStatusCode.Gone);

        Assert.Contains("expired", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_least_recently_used_session_makes_room()
    {
        using var application = new RnnApplication { Settings = { ["Sessions:Capacity"] = "2" } };
        using var client = application.CreateClient();
        var first = await NewSessionAsync(client, "names");
        var second = await NewSessionAsync(client, "names");
        await PostAsync(client, $"/api/v1/sessions/{first}/step", new { text = "a" });

        await NewSessionAsync(client, "names");

        Assert.Contains("evicted", (string)(await GetAsync(client, $"/api/v1/sessions/{second}", HttpStatusCode.Gone))["detail"]!, StringComparison.Ordinal);
        await GetAsync(client, $"/api/v1/sessions/{first}");
    }

    [Fact]
    public async Task Sessions_are_listed_page_by_page()
    {
        using var application = new RnnApplication();
        using var client = application.CreateClient();
        foreach (var id in new[] { "b", "c", "a" })
        {
            await PostAsync(client, "/api/v1/sessions", new { model = "names", id }, HttpStatusCode.Created);
        }

        var first = await GetAsync(client, "/api/v1/sessions?limit=2");
        var second = await GetAsync(client, $"/api/v1/sessions?limit=2&after={first["next"]}");

        Assert.Equal(["a", "b"], first["sessions"]!.AsArray().Select(session => (string)session!["id"]!));
        Assert.Equal(["c"], second["sessions"]!.AsArray().Select(session => (string)session!["id"]!));
        Assert.Null(second["next"]);
        Assert.Empty((await GetAsync(client, "/api/v1/sessions?model=austen"))["sessions"]!.AsArray());
    }

    [Fact]
    public async Task Many_callers_of_one_session_take_turns_and_of_many_sessions_do_not_mix()
    {
        var shared = await NewSessionAsync(_client, "austen");
        var own = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NewSessionAsync(_client, "austen")));
        string TextOf(int caller) => new((char)('a' + caller), 25);

        await Task.WhenAll(own.Select(async (session, caller) =>
        {
            foreach (var character in TextOf(caller))
            {
                await PostAsync(_client, $"/api/v1/sessions/{session}/step", new { text = character.ToString() });
                await PostAsync(_client, $"/api/v1/sessions/{shared}/step", new { text = "x" });
            }
        }));

        Assert.Equal(8 * 25, (long)(await GetAsync(_client, $"/api/v1/sessions/{shared}"))["step"]!);
        foreach (var (caller, session) in own.Index())
        {
            var expected = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = TextOf(caller), returnState = true });
            Assert.True(JsonNode.DeepEquals(expected["state"], await GetAsync(_client, $"/api/v1/sessions/{session}/state")));
        }
    }

    async Task<byte[]> StateBytesAsync(string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/sessions/{session}/state");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));
        using var response = await _client.SendAsync(request, Aborted);
        return await response.Content.ReadAsByteArrayAsync(Aborted);
    }

    static string Pointer(JsonNode problem) => (string)problem["errors"]![0]!["pointer"]!;
}
