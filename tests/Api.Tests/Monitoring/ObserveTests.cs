using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Forecasting;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Monitoring;

public sealed class ObserveTests(ForecastApplication application) : IClassFixture<ForecastApplication>
{
    readonly HttpClient _client = application.Client;

    [Fact]
    public async Task The_first_value_has_nothing_to_be_compared_with_and_the_second_is_compared_with_what_was_predicted()
    {
        var session = await NewSessionAsync("walk");

        var first = await ObserveAsync(session, 3);
        var second = await ObserveAsync(session, 5);

        Assert.Equal((1, 2), ((int)first["step"]!, (int)second["step"]!));
        Assert.Null(first["predicted"]);
        Assert.Null(first["comparison"]);
        Assert.True(JsonNode.DeepEquals(first["output"], second["predicted"]));
        Assert.Equal(2, (double)second["comparison"]!["residuals"]![0]!);
        Assert.Equal(0.5 + Math.Log(2) + Math.Log(2 * Math.PI) / 2, (double)second["comparison"]!["surprisal"]!, 1e-6);     // N(3, 2^2) at 5
        Assert.Equal(0.6826894921370859, (double)second["comparison"]!["anomaly"]!, 0.02);
        Assert.Equal(5, (double)second["output"]!["values"]![0]!);
    }

    [Fact]
    public async Task It_moves_a_session_as_a_step_does()
    {
        var (watched, stepped) = (await NewSessionAsync("load"), await NewSessionAsync("load"));
        foreach (var values in new double[][] { [9, 1, 7], [10, 2, 20], [11, 0, 30] })
        {
            var observation = await PostAsync(_client, $"{watched}/observe", new { values });
            var step = await PostAsync(_client, $"{stepped}/step", new { values });

            Assert.True(JsonNode.DeepEquals(step["output"], observation["output"]));
        }

        var layers = (await GetAsync(_client, $"{watched}/state"))["layers"]!.AsArray();
        Assert.True(JsonNode.DeepEquals((await GetAsync(_client, $"{stepped}/state"))["layers"]![0], layers[0]));
        Assert.Equal("monitor", (string)layers[1]!["layer"]!);
        Assert.Contains(layers[1]!["statistics"]!.AsArray(), number => (double)number! > 0);
    }

    [Fact]
    public async Task A_value_that_is_missing_is_what_was_predicted()
    {
        var session = await NewSessionAsync("pair");
        await PostAsync(_client, $"{session}/observe", new { values = new double?[] { 1, 10 } });

        var half = await PostAsync(_client, $"{session}/observe", new { values = new double?[] { null, 12 } });
        var none = await PostAsync(_client, $"{session}/observe", new { values = new double?[] { null, null } });

        Assert.Equal("[1,null]", half["comparison"]!["residuals"]!.ToJsonString());
        Assert.Equal("[13,3]", half["output"]!["values"]!.ToJsonString());                    // (b, a) + 1 of (2, 12)
        Assert.NotNull(none["predicted"]);
        Assert.Null(none["comparison"]);
        Assert.Equal("[14,4]", none["output"]!["values"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_learnt_moves_with_the_state_and_is_each_sessions_own()
    {
        var (session, other) = (await NewSessionAsync("walk"), await NewSessionAsync("walk"));
        foreach (var value in new[] { 0, 9, 1, 8, 0, 9, 2, 7, 1, 9 })
        {
            await ObserveAsync(session, value);
        }

        await ObserveAsync(other, 9);
        var copy = await NewSessionAsync("walk");
        using var put = await _client.PutAsJsonAsync($"{copy}/state", await GetAsync(_client, $"{session}/state"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);

        var (usual, moved, alone) = (await ObserveAsync(session, 0), await ObserveAsync(copy, 0), await ObserveAsync(other, 0));

        Assert.True(JsonNode.DeepEquals(usual["comparison"], moved["comparison"]));
        Assert.True((double)usual["comparison"]!["anomaly"]! < (double)alone["comparison"]!["anomaly"]!);     // it has come to expect such leaps
    }

    [Fact]
    public async Task It_is_applied_once_looks_ahead_and_is_put_back_like_a_step()
    {
        var session = await NewSessionAsync("walk", history: 5);
        await ObserveAsync(session, 1);
        var peek = await PostAsync(_client, $"{session}/observe", new { values = new[] { 4 }, commit = false });
        var (first, again) = (await SendAsync(session, "k"), await SendAsync(session, "k"));

        Assert.False((bool)peek["committed"]!);
        Assert.True(JsonNode.DeepEquals(peek["comparison"], first["comparison"]));
        Assert.True(JsonNode.DeepEquals(first, again));
        Assert.Equal(2, (int)(await GetAsync(_client, session))["step"]!);
        await PostAsync(_client, $"{session}/rewind", new { step = 1 });
        Assert.True(JsonNode.DeepEquals(first["comparison"], (await ObserveAsync(session, 4))["comparison"]));
    }

    [Theory]
    [InlineData("walk", """{ "values": [1, 2] }""", "/values", "this model reads 1: x")]
    [InlineData("walk", "{ }", "/values", "There are 0 values")]
    [InlineData("walk", """{ "values": [null] }""", "/values/0", "missing in the first timestep")]
    [InlineData("load", """{ "values": [1, null, 3] }""", "/values/1", "does not predict it")]
    [InlineData("walk", """{ "values": [1e39] }""", "/values/0", "a number that float32 holds")]
    [InlineData("walk", """{ "text": "1" }""", "/text", "in 'values'")]
    public async Task What_can_not_be_read_is_refused_and_leaves_the_session(string model, string body, string pointer, string detail)
    {
        var session = await NewSessionAsync(model);

        var problem = await PostAsync(_client, $"{session}/observe", JsonNode.Parse(body)!, HttpStatusCode.BadRequest);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(0, (int)(await GetAsync(_client, session))["step"]!);
    }

    async Task<JsonNode> SendAsync(string session, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{session}/observe") { Content = JsonContent.Create(new { values = new[] { 4 } }) };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    Task<JsonNode> ObserveAsync(string session, double value) => PostAsync(_client, $"{session}/observe", new { values = new[] { value } });

    async Task<string> NewSessionAsync(string model, int history = 0) =>
        $"/api/v1/sessions/{(await PostAsync(_client, "/api/v1/sessions", new { model, history }, HttpStatusCode.Created))["id"]}";
}
