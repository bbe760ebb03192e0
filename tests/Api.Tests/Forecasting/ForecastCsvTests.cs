using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Forecasting;

public sealed class ForecastCsvTests(ForecastApplication application) : IClassFixture<ForecastApplication>
{
    const string OfLoad = "/api/v1/models/load/forecast";
    const string OfWalk = "/api/v1/models/walk/forecast";
    const string OfPair = "/api/v1/models/pair/forecast";

    const string Table =
        """"
        load,timestamp,"heat, ""felt"""
        9,2023-03-25T21:00:00+01:00,9
        7,2023-03-25 22:00+01:00,0.5
        ,2023-03-25T23:00:00+01:00,1
        ,2023-03-26T00:00:00+01:00,"2"
        ,2023-03-26T01:00:00+01:00,
        """";

    readonly HttpClient _client = application.Client;

    [Theory]
    [InlineData("\n", "")]
    [InlineData("\r\n", "")]
    [InlineData("\r\n", "\uFEFF")]
    [InlineData("\n\n", "\uFEFF")]                         // blank lines
    public async Task A_table_asks_for_what_JSON_asks_for(string newline, string mark)
    {
        var json = await PostAsync(_client, OfLoad, """
            { "start": "2023-03-25T21:00:00+01:00", "interval": "PT1H", "values": [[9, 9], [0.5, 7]], "future": [[1], [2], [null]] }
            """);

        var (status, _, text) = await SendAsync(OfLoad, mark + Table.ReplaceLineEndings(newline));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(text)), text);
    }

    [Fact]
    public async Task The_reply_can_be_a_table()
    {
        var (status, type, text) = await SendAsync($"{OfLoad}?horizon=2", Table, "text/csv");

        Assert.Equal((HttpStatusCode.OK, "text/csv"), (status, type));
        Assert.Equal("step,timestamp,load\r\n1,2023-03-25T23:00:00+01:00,29.5\r\n2,2023-03-26T00:00:00+01:00,53.5\r\n", text);
    }

    [Fact]
    public async Task Series_stand_below_each_other_or_mixed_and_quotes_come_back_quoted()
    {
        var (_, _, text) = await SendAsync($"{OfPair}?horizon=2", "series,b,a\n\"x, \"\"1\"\"\",10,1\ny,20,2\n\"x, \"\"1\"\"\",,5\n", "text/csv");

        Assert.Equal("series,step,b,a\r\n\"x, \"\"1\"\"\",1,12,6\r\n\"x, \"\"1\"\"\",2,13,7\r\ny,1,21,3\r\ny,2,22,4\r\n", text);
    }

    [Fact]
    public async Task Options_stand_in_the_URL()
    {
        var json = await PostAsync(_client, OfWalk, new { values = new[] { new[] { 1 }, [2] }, horizon = 3, quantiles = new[] { 0.1, 0.9 }, samples = 20, seed = 5, version = 1 });

        var (_, _, same) = await SendAsync($"{OfWalk}?horizon=3&quantiles=0.1,0.9&samples=20&seed=5&version=1", "x\n1\n2\n");
        var (_, _, table) = await SendAsync($"{OfWalk}?horizon=3&quantiles=0.1,0.9&samples=20&seed=5", "x\n1\n2\n", "text/csv");

        Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(same)), same);
        var lines = table.Split("\r\n");
        Assert.Equal("step,x,x 0.1,x 0.9", lines[0]);
        foreach (var (index, step) in json["forecasts"]![0]!["steps"]!.AsArray().Index())
        {
            Assert.Equal($"{index + 1},{step!["values"]![0]},{step["quantiles"]!["0.1"]![0]},{step["quantiles"]!["0.9"]![0]}", lines[index + 1]);
        }
    }

    [Fact]
    public async Task Months_go_on_after_the_last_row()
    {
        var (_, _, text) = await SendAsync($"{OfWalk}?horizon=2&interval=P1M", "timestamp,x\n2023-12-31,1\n2024-01-31,1\n", "text/csv");

        Assert.Equal(["step,timestamp,x", "1,2024-02-29T00:00:00+00:00,1", "2,2024-03-31T00:00:00+00:00,1", ""], text.Split("\r\n"));
    }

    [Fact]
    public async Task Missing_fields_are_gaps_and_not_the_end()
    {
        var (_, _, gaps) = await SendAsync($"{OfPair}?horizon=1", "a,b\n1,10\n,50\n,\n7, \n");
        var json = await PostAsync(_client, OfPair, """{ "values": [[1, 10], [null, 50], null, [7, null]], "horizon": 1 }""");

        Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(gaps)), gaps);
    }

    [Fact]
    public async Task On_a_session_all_rows_are_to_come()
    {
        var id = await NewSessionAsync(_client, "load");
        await PostAsync(_client, $"/api/v1/sessions/{id}/step", new { values = new[] { 23, 0.5, 7 } });

        var (status, _, text) = await SendAsync(
            $"/api/v1/sessions/{id}/forecast", "timestamp,\"heat, \"\"felt\"\"\"\n2023-01-01T00:00Z,1\n2023-01-01T01:00Z,2\n2023-01-01T02:00Z,\n", "text/csv");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["30.5", "31.5", "34.5"], text.Split("\r\n")[1..^1].Select(line => line.Split(',')[^1]));

        var walk = await NewSessionAsync(_client, "walk");
        await PostAsync(_client, $"/api/v1/sessions/{walk}/step", new { values = new[] { 3 } });
        Assert.Equal(HttpStatusCode.OK, (await SendAsync($"/api/v1/sessions/{walk}/forecast?horizon=2", "x\n")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync($"/api/v1/sessions/{walk}/forecast?horizon=2", "x\n1\n")).Status);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "Line 3: there are 1 fields; the header names 2 columns.")]
    [InlineData("a,b\r\n1,2\r\n\r\n3,4,5\r\n", "Line 4: there are 3 fields")]
    [InlineData("a,b\n1,2\n3,NaN\n", "Line 3: 'NaN' in column 'b' is no number")]
    [InlineData("a,b\n1,2\n3,1e999\n", "Line 3: '1e999' in column 'b' is no number")]
    [InlineData("a,b\n1,2\n3,\"4\n5\"\n", "Line 4: '4\n5' in column 'b' is no number")]
    [InlineData("a,b\n1,2\n3,4,\n", "Line 3: there are 3 fields")]
    [InlineData("a,b\n1,2\n3,1e300\n", "Line 3: b must be a number that float32 holds")]
    [InlineData("a,b\n1,\n", "Line 2: b is missing in the first row")]
    [InlineData("a,b\n,\n1,2\n", "Line 2: a is missing in the first row")]
    [InlineData("a,b\n1,2\n3,x\"y\n", "Line 3: a quotation mark stands inside a field")]
    [InlineData("a,b\n1,2\n3,\"4\n", "a quotation mark stands inside a field")]
    [InlineData("a,b,c\n1,2,3\n", "Line 1: there is no column 'c' here. Columns are a, b, timestamp, series.")]
    [InlineData("a\n1\n", "Line 1: the column 'b' is missing")]
    [InlineData("a,b,a\n1,2,3\n", "Line 1: the column 'a' is there twice")]
    [InlineData("a;b\n1;2\n", "Line 1: there is no column 'a;b' here")]
    [InlineData("a,b,timestamp\n1,2,2023-01-01\n1,2,soon\n", "Line 3: 'soon' is no time")]
    [InlineData("a,b,timestamp\n1,2,2023-01-01\n1,2,\n", "Line 3: '' is no time")]
    [InlineData("a,b,timestamp\n1,2,2023-01-02\n1,2,2023-01-01\n", "Line 3: Timestamps rise")]
    [InlineData("a,b,timestamp,series\n1,2,2023-01-02,x\n1,2,2023-01-02,y\n1,2,2023-01-02,x\n", "Line 4: Timestamps rise")]
    [InlineData("a,b,timestamp\n1,2,2023-01-02\n", "Give the interval")]
    [InlineData("a,b\n", "There is no series")]
    [InlineData("a,b\n,\n,\n", "There are no values")]
    [InlineData("", "The body is empty")]
    [InlineData("\n\n", "The body is empty")]
    public async Task What_is_wrong_in_a_table_is_told_with_its_line(string table, string expected)
    {
        var (status, type, text) = await SendAsync($"{OfPair}?horizon=2", table);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (status, type));
        Assert.Contains(expected, (string)JsonNode.Parse(text)!["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("load,\"heat, \"\"felt\"\"\",timestamp,hour\n", "Line 1: 'hour' follows from the time")]
    [InlineData("load,\"heat, \"\"felt\"\"\"\n1,2\n,3\n", "hour follow from the time")]
    [InlineData("load,\"heat, \"\"felt\"\"\",timestamp\n1,,2023-01-01\n,3,2023-01-02\n", "Line 2: heat, \"felt\" is missing, and no row before has it")]
    [InlineData("load,\"heat, \"\"felt\"\"\",timestamp\n1,2,2023-01-01\n,3,2023-01-02\n,1e39,2023-01-03\n", "Line 4: heat, \"felt\" must be a number")]
    public async Task Covariates_and_the_calendar_are_told_with_their_line(string table, string expected)
    {
        var (status, _, text) = await SendAsync(OfLoad, table);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(expected, (string)JsonNode.Parse(text)!["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?horizon=x")]
    [InlineData("?horizon=0")]
    [InlineData("?horizon=2&quantiles=")]
    [InlineData("?horizon=2&quantiles=0.1,,0.9")]
    [InlineData("?horizon=2&quantiles=0.1,2")]
    [InlineData("?horizon=2&seed=-1")]
    [InlineData("?horizon=2&samples=1e3")]
    [InlineData("?horizon=2&interval=soon")]
    [InlineData("")]
    public async Task Options_that_can_not_be_used_are_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(OfWalk + query, "x\n1\n")).Status);

    [Fact]
    public async Task What_is_neither_JSON_nor_a_table_is_refused()
    {
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync(OfWalk, "x\n1\n", contentType: "text/plain")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync($"{OfWalk}?horizon=1", [(byte)'x', (byte)'\n', 0xFF, 0xFE])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync($"{OfWalk}?horizon=1", """{ "values": [[1]], "horizon": 1 }""", contentType: "application/json")).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest, (await SendAsync(OfWalk, """{ "values": [[1]], "horizon": 1, "paths": true }""", "text/csv", "application/json")).Status);
    }

    [Fact]
    public async Task The_document_knows_both_forms()
    {
        var document = await GetAsync(_client, "/openapi/v1.json");

        foreach (var path in new[] { "/api/v1/models/{model}/forecast", "/api/v1/sessions/{id}/forecast" })
        {
            var operation = document["paths"]![path]!["post"]!;
            Assert.Equal(["application/json", "text/csv"], operation["requestBody"]!["content"]!.AsObject().Select(content => content.Key));
            Assert.Equal(["application/json", "text/csv"], operation["responses"]!["200"]!["content"]!.AsObject().Select(content => content.Key));
        }
    }

    Task<(HttpStatusCode Status, string? Type, string Text)> SendAsync(
        string path, string body, string? accept = null, string contentType = "text/csv") => SendAsync(path, Encoding.UTF8.GetBytes(body), accept, contentType);

    async Task<(HttpStatusCode Status, string? Type, string Text)> SendAsync(
        string path, byte[] body, string? accept = null, string contentType = "text/csv")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
