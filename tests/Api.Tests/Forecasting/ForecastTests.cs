using System.Net;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Forecasting;

public sealed class ForecastTests(ForecastApplication application) : IClassFixture<ForecastApplication>
{
    const string OfLoad = "/api/v1/models/load/forecast";
    const string OfWalk = "/api/v1/models/walk/forecast";
    const string OfPair = "/api/v1/models/pair/forecast";

    readonly HttpClient _client = application.Client;

    [Fact]
    public async Task Each_step_reads_the_prediction_before_its_covariates_and_its_hour()
    {
        // 7 + 0.5 + 22 o'clock, + 1 + 23, + 2 + 0
        var reply = await PostAsync(_client, OfLoad, new
        {
            start = "2023-03-25T21:00:00+01:00",
            interval = "PT1H",
            values = new[] { new[] { 9.0, 9 }, [0.5, 7] },
            future = new[] { new[] { 1.0 }, [2], [3] },
            horizon = 3,
        });

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(
                """
                {
                  "model": "load", "version": 1, "targets": [{ "name": "load", "unit": "MW" }],
                  "forecasts": [{ "steps": [
                    { "timestamp": "2023-03-25T23:00:00+01:00", "values": [29.5] },
                    { "timestamp": "2023-03-26T00:00:00+01:00", "values": [53.5] },
                    { "timestamp": "2023-03-26T01:00:00+01:00", "values": [55.5] }] }]
                }
                """),
            reply), reply.ToJsonString());
    }

    [Theory]
    [InlineData("2024-01-31T05:00:00Z", "P1M", "2024-02-29T05:00:00+00:00", "2024-03-31T05:00:00+00:00")]
    [InlineData("2023-02-28T05:00+05:30", "P1D", "2023-03-01T05:00:00+05:30", "2023-03-02T05:00:00+05:30")]
    [InlineData("2023-12-31", "PT90M", "2023-12-31T01:30:00+00:00", "2023-12-31T03:00:00+00:00")]
    [InlineData("2023-12-31 23:59:59.5-03:00", "PT0.5S", "2024-01-01T00:00:00-03:00", "2024-01-01T00:00:00.5-03:00")]
    [InlineData("2023-01-01", "P1Y2M1W1DT1H1M1S", "2024-03-09T01:01:01+00:00", "2025-05-17T02:02:02+00:00")]
    public async Task Times_follow_each_other(string start, string interval, string first, string second)
    {
        var reply = await PostAsync(_client, OfWalk, new { start, interval, values = new[] { new[] { 1 } }, horizon = 2 });

        Assert.Equal([first, second], reply["forecasts"]![0]!["steps"]!.AsArray().Select(step => (string)step!["timestamp"]!));
    }

    [Fact]
    public async Task Times_can_be_given_one_by_one_on_clocks_that_are_set_back()
    {
        // 0 + 2 o'clock, + 2 again, + 3
        var reply = await PostAsync(_client, OfLoad, new
        {
            timestamps = new[] { "2023-10-29T02:00:00+02:00", "2023-10-29T02:00:00+01:00", "2023-10-29T03:00:00+01:00", "2023-10-29T04:00:00+01:00" },
            values = new[] { new[] { 0.0, 0 } },
            future = new[] { new[] { 0.0 }, [0] },
            horizon = 3,
        });

        Assert.Equal([2, 4, 7], ValuesOf(reply));
    }

    [Fact]
    public async Task Several_series_are_told_in_their_order_and_one_can_stand_alone()
    {
        var two = await PostAsync(_client, OfPair, new
        {
            series = new object[] { new { id = "x", values = new[] { new[] { 1, 10 } } }, new { id = "y", values = new[] { new[] { 2, 20 } } } },
            horizon = 2,
        });
        var one = await PostAsync(_client, OfPair, new { id = "y", values = new[] { new[] { 2, 20 } }, horizon = 2 });

        Assert.Equal(["x", "y"], two["forecasts"]!.AsArray().Select(forecast => (string)forecast!["id"]!));
        Assert.Equal([11, 2, 12, 3, 21, 3, 22, 4], ValuesOf(two));
        Assert.Equal([21, 3, 22, 4], ValuesOf(one));
        Assert.True(JsonNode.DeepEquals(one["forecasts"]![0], two["forecasts"]![1]));
        Assert.Equal(["b", "a"], one["targets"]!.AsArray().Select(target => (string)target!["name"]!));
    }

    [Fact]
    public async Task What_is_missing_is_predicted_and_counted()
    {
        var gaps = await PostAsync(_client, OfPair, """{ "values": [[1, 10], [null, 50], null, [7, null]], "horizon": 1 }""");
        var filled = await PostAsync(_client, OfPair, """{ "values": [[1, 10], [2, 50], [3, 51], [7, 52]], "horizon": 1 }""");

        Assert.Equal(4, (int)gaps["imputed"]!);
        Assert.Null(filled["imputed"]);
        Assert.True(JsonNode.DeepEquals(filled["forecasts"], gaps["forecasts"]));
    }

    [Fact]
    public async Task A_random_walk_spreads_with_the_root_of_the_time()
    {
        var reply = await PostAsync(_client, OfWalk, new { values = new[] { new[] { 1_000 } }, horizon = 9, quantiles = new[] { 0.1, 0.5, 0.9 }, samples = 1_000, seed = 4 });

        var steps = reply["forecasts"]![0]!["steps"]!.AsArray();
        const double Tail = 1.2816;                        // the normal distribution's 90 %
        foreach (var (index, step) in steps.Index())
        {
            var deviation = 2 * Math.Sqrt(index + 1);
            Assert.Equal(["0.1", "0.5", "0.9"], step!["quantiles"]!.AsObject().Select(quantile => quantile.Key));
            Assert.Equal((float)step["values"]![0]!, (float)step["quantiles"]!["0.5"]![0]!);
            Assert.Equal(1_000 - Tail * deviation, (double)step["quantiles"]!["0.1"]![0]!, 0.3 * deviation);
            Assert.Equal(1_000, (double)step["values"]![0]!, 0.3 * deviation);
            Assert.Equal(1_000 + Tail * deviation, (double)step["quantiles"]!["0.9"]![0]!, 0.3 * deviation);
        }
    }

    [Fact]
    public async Task Quantiles_of_one_step_are_exact()
    {
        var reply = await PostAsync(_client, OfWalk, new { values = new[] { new[] { 10 } }, horizon = 1, quantiles = new[] { 0.975 } });

        Assert.Equal(10 + 2 * 1.959964, (double)reply["forecasts"]![0]!["steps"]![0]!["quantiles"]!["0.975"]![0]!, 1e-5);
        Assert.Null(reply["seed"]);
    }

    [Fact]
    public async Task The_seed_is_told_and_draws_the_same_paths_again()
    {
        var first = await PostAsync(_client, OfWalk, new { values = new[] { new[] { 100 } }, horizon = 4, quantiles = new[] { 0.3 }, paths = true });
        var again = await PostAsync(_client, OfWalk, new { values = new[] { new[] { 100 } }, horizon = 4, samples = 7, paths = true, seed = (ulong)first["seed"]! });
        var other = await PostAsync(_client, OfWalk, new { values = new[] { new[] { 100 } }, horizon = 4, samples = 7, paths = true });

        Assert.Equal(100, PathsOf(first).Count);
        Assert.Equal(PathsOf(first).Take(7).Select(path => path!.ToJsonString()), PathsOf(again).Select(path => path!.ToJsonString()));
        Assert.NotEqual(PathsOf(again).ToJsonString(), PathsOf(other).ToJsonString());
        Assert.Null(again["forecasts"]![0]!["steps"]![0]!["quantiles"]);

        static JsonArray PathsOf(JsonNode reply) => reply["forecasts"]![0]!["paths"]!.AsArray();
    }

    [Fact]
    public async Task A_session_is_gone_on_from_and_stays_where_it_is()
    {
        var id = await NewSessionAsync(_client, "load");
        await PostAsync(_client, $"/api/v1/sessions/{id}/step", new { values = new[] { 23, 0.5, 7 } });
        var before = await GetAsync(_client, $"/api/v1/sessions/{id}/state");
        var body = new { start = "2023-01-01T00:00Z", interval = "PT1H", future = new[] { new[] { 1 }, [2] }, horizon = 3 };

        var reply = await PostAsync(_client, $"/api/v1/sessions/{id}/forecast", body);

        Assert.Equal([30.5, 31.5, 34.5], ValuesOf(reply));
        Assert.Equal((id, 1L), ((string)reply["session"]!, (long)reply["step"]!));
        Assert.Equal("2023-01-01T00:00:00+00:00", (string)reply["forecasts"]![0]!["steps"]![0]!["timestamp"]!);
        Assert.True(JsonNode.DeepEquals(before, await GetAsync(_client, $"/api/v1/sessions/{id}/state")));
        Assert.True(JsonNode.DeepEquals(reply, await PostAsync(_client, $"/api/v1/sessions/{id}/forecast", body)));
    }

    [Fact]
    public async Task A_forecast_can_depend_on_where_the_session_is()
    {
        var id = await NewSessionAsync(_client, "walk");
        await PostAsync(_client, $"/api/v1/sessions/{id}/step", new { values = new[] { 5 } });

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("\"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await StatusAsync("\"2\""));

        async Task<HttpStatusCode> StatusAsync(string tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{id}/forecast");
            request.Content = new StringContent("""{ "horizon": 2 }""", System.Text.Encoding.UTF8, "application/json");
            request.Headers.IfMatch.ParseAdd(tag);
            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task What_a_session_does_not_take_is_named()
    {
        var id = await NewSessionAsync(_client, "walk");
        var path = $"/api/v1/sessions/{id}/forecast";
        await RefusedAsync(path, """{ "horizon": 2 }""", "");                                    // at step 0
        await PostAsync(_client, $"/api/v1/sessions/{id}/step", new { values = new[] { 5 } });

        await RefusedAsync(path, """{ "horizon": 2, "version": 1 }""", "/version");
        await RefusedAsync(path, """{ "horizon": 2, "values": [[1]] }""", "/values");
        await RefusedAsync(path, """{ "horizon": 2, "series": [{}, {}] }""", "/series");
        await RefusedAsync("/api/v1/sessions/nobody/forecast", """{ "horizon": 2 }""", "/id", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{ "values": [[1]] }""", "/horizon")]
    [InlineData("""{ "values": [[1]], "horizon": 0 }""", "/horizon")]
    [InlineData("""{ "values": [[1]], "horizon": 1e9 }""", "/horizon")]
    [InlineData("""{ "values": [[1]], "horizon": 2147483647 }""", "/horizon")]
    [InlineData("""{ "horizon": 1 }""", "/values")]
    [InlineData("""{ "values": [], "horizon": 1 }""", "/values")]
    [InlineData("""{ "values": [null], "horizon": 1 }""", "/values/0/0")]
    [InlineData("""{ "values": [[]], "horizon": 1 }""", "/values/0")]
    [InlineData("""{ "values": [[1], [1, 2]], "horizon": 1 }""", "/values/1")]
    [InlineData("""{ "values": [[1], ["2"]], "horizon": 1 }""", "/values/1/0")]
    [InlineData("""{ "values": [[1], [NaN]], "horizon": 1 }""", "/values/1/0")]
    [InlineData("""{ "values": [[1], [1e999]], "horizon": 1 }""", "/values/1/0")]
    [InlineData("""{ "values": [[1]], "future": [[2]], "horizon": 1 }""", "/future/0")]
    [InlineData("""{ "series": [], "horizon": 1 }""", "/series")]
    [InlineData("""{ "series": [null], "horizon": 1 }""", "/series/0")]
    [InlineData("""{ "series": [{ "values": [[1]] }], "values": [[1]], "horizon": 1 }""", "/series")]
    [InlineData("""{ "series": [{ "values": [[1]] }, { "values": [[1], [2], [true]] }], "horizon": 1 }""", "/series/1/values/2/0")]
    [InlineData("""{ "series": [{ "values": [[1]] }, { "values": [[1], [2], [4e38]] }], "horizon": 1 }""", "/series/1/values/2/0")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "quantiles": [2] }""", "/quantiles/0")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "quantiles": [null] }""", "/quantiles/0")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "samples": 1001 }""", "/samples")]
    [InlineData("""{ "values": [[1]], "horizon": 100, "samples": 1000 }""", "/samples")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "seed": -1 }""", "/seed")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "yesterday" }""", "/start")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-02-29", "interval": "P1D" }""", "/start")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-02-28" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "9999-12-31", "interval": "P1D" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "P0D" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "P" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "P1DT" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "-P1D" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "PT1H\n" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "P999999999W" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "P999999999Y" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "interval": "P99999999999999999999D" }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "interval": "P1D" }""", "/start")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "start": "2023-01-01", "timestamps": ["2023-01-01"] }""", "/timestamps")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "timestamps": ["2023-01-01"] }""", "/interval")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "timestamps": ["2023-01-01", null] }""", "/timestamps/1")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "timestamps": ["2023-01-01", "2022-01-01"] }""", "/timestamps/1")]
    [InlineData("""{ "values": [[1]], "horizon": 1, "sample": 3 }""", "/sample")]
    [InlineData("null", "")]
    [InlineData("", "")]
    [InlineData("[1]", "")]
    public Task What_can_not_be_used_is_pointed_at(string body, string pointer) => RefusedAsync(OfWalk, body, pointer);

    [Fact]
    public async Task Models_say_whether_they_forecast_and_others_refuse()
    {
        using var bundled = new RnnApplication();
        using var client = bundled.CreateClient();

        Assert.True((bool)(await GetAsync(_client, "/api/v1/models/load"))["forecasts"]!);
        Assert.False((bool)(await GetAsync(client, "/api/v1/models/temperature"))["forecasts"]!);
        await PostAsync(client, "/api/v1/models/temperature/forecast", new { values = new[] { new[] { 1 } }, horizon = 1 }, HttpStatusCode.UnprocessableEntity);
        await PostAsync(client, "/api/v1/models/austen/forecast", new { horizon = 1 }, HttpStatusCode.UnprocessableEntity);
        await RefusedAsync(OfPair, """{ "values": [[1, 2]], "horizon": 2, "quantiles": [0.5] }""", "/quantiles", HttpStatusCode.UnprocessableEntity);
        await PostAsync(_client, "/api/v1/models/nobody/forecast", new { horizon = 1 }, HttpStatusCode.NotFound);
    }

    async Task RefusedAsync(string path, string body, string pointer, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        var problem = await PostAsync(_client, path, body, status);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
    }

    static IEnumerable<double> ValuesOf(JsonNode reply) => reply["forecasts"]!.AsArray()
        .SelectMany(forecast => forecast!["steps"]!.AsArray())
        .SelectMany(step => step!["values"]!.AsArray())
        .Select(value => (double)value!);
}
