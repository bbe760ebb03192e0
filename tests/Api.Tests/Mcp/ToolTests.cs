using System.Net;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using static Rnn.Api.Tests.Mcp.McpHost;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Mcp;

public sealed class ToolTests(McpHost host) : IClassFixture<McpHost>
{
    const string Air =
        "\"start\":\"2014-01-04T03:00:00+08:00\",\"interval\":\"PT1H\",\"values\":[[77,-2,-7,1025,1.79],[null,-5,-9,1025,0.45],[80,-6,-9,1025,1.79]],"
        + "\"future\":[[-2,-8,1026,1.79]],\"horizon\":2,\"quantiles\":[0.1,0.9],\"seed\":18";

    readonly McpClient _client = host.Client;

    [Fact]
    public async Task Tools_say_what_they_take_and_whether_they_change_anything()
    {
        var tools = await _client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(
            ["classify", "complete", "end_session", "forecast", "list_models", "predict", "score", "start_session"],
            tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.All(tools, tool => Assert.False(string.IsNullOrWhiteSpace(tool.Description)));
        Assert.Equal(
            ["classify", "forecast", "list_models", "score"],
            tools.Where(tool => tool.ProtocolTool.Annotations!.ReadOnlyHint == true).Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["end_session"], tools.Where(tool => tool.ProtocolTool.Annotations!.DestructiveHint == true).Select(tool => tool.Name));
        foreach (var tool in tools)
        {
            var arguments = JsonNode.Parse(tool.ProtocolTool.InputSchema.GetRawText())!["properties"]!.AsObject();
            Assert.All(arguments, argument => Assert.False(string.IsNullOrWhiteSpace((string?)argument.Value!["description"]), $"{tool.Name}: {argument.Key}"));
            Assert.All(new[] { "state", "trace", "stream" }, name => Assert.Null(arguments[name]));
            Assert.Equal("object", tool.ProtocolTool.OutputSchema!.Value.GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task Schemas_hold_together_without_what_is_hidden()
    {
        foreach (var tool in await _client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (var schema in new[] { tool.ProtocolTool.InputSchema, tool.ProtocolTool.OutputSchema!.Value })
            {
                var root = JsonNode.Parse(schema.GetRawText())!;
                Assert.All(ReferencesIn(root), pointer => Assert.NotNull(pointer.Split('/').Skip(1).Aggregate(
                    (JsonNode?)root, (node, part) => node is JsonArray items ? items[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : node?[part])));
            }
        }

        static IEnumerable<string> ReferencesIn(JsonNode? node) => node switch
        {
            JsonObject properties => properties.SelectMany(property => property is { Key: "$ref", Value: JsonValue value } ? [(string)value!] : ReferencesIn(property.Value)),
            JsonArray items => items.SelectMany(ReferencesIn),
            _ => [],
        };
    }

    [Fact]
    public async Task Models_are_listed_with_units_labels_and_their_tools()
    {
        var models = (await CallAsync(_client, "list_models", "{}"))["models"]!.AsArray().ToDictionary(model => (string)model!["name"]!, model => model!);

        Assert.Equal(["air", "austen", "dates", "monitor", "names", "tags", "temperature"], models.Keys);
        Assert.Equal("features", (string)models["air"]["reads"]!);
        Assert.Equal("µg/m³", (string)models["air"]["tells"]!["values"]![0]!["unit"]!);
        Assert.Contains("Japanese", models["names"]["tells"]!["labels"]!.AsArray().Select(label => (string)label!));
        Assert.Equal(["predict", "complete", "score", "start_session"], ToolsOf("austen"));
        Assert.Equal(["predict", "classify"], ToolsOf("tags"));
        Assert.Equal(["complete", "score", "start_session"], ToolsOf("dates"));
        Assert.Contains("forecast", ToolsOf("air"));

        IEnumerable<string> ToolsOf(string model) => models[model]["tools"]!.AsArray().Select(tool => (string)tool!);
    }

    [Theory]
    [InlineData("predict", "austen", "sequence", "\"text\":\"Emma\",\"return\":\"all\",\"top\":2")]
    [InlineData("predict", "air", "sequence", "\"values\":[[77,-2,-7,1025,1.79,0,6]]")]
    [InlineData("classify", "names", "sequence", "\"text\":\"Nakamura\",\"top\":3")]
    [InlineData("classify", "tags", "sequence", "\"words\":[\"She\",\"left\"],\"return\":\"all\",\"top\":1")]
    [InlineData("complete", "austen", "generate", "\"text\":\"It is\",\"maxLength\":40,\"seed\":18,\"temperature\":0.5")]
    [InlineData("complete", "dates", "generate", "\"text\":\"Fri, the 5th of March 2021\",\"beams\":4,\"n\":2")]
    [InlineData("score", "austen", "score", "\"text\":\"It is a truth\",\"top\":1")]
    [InlineData("forecast", "air", "forecast", Air)]
    public async Task A_tool_tells_what_the_native_call_tells(string tool, string model, string operation, string arguments)
    {
        var native = await PostAsync(host.Http, $"/api/v1/models/{model}/{operation}", $"{{{arguments}}}");

        var told = await CallAsync(_client, tool, $$"""{"model":"{{model}}",{{arguments}}}""");

        Assert.Equal(native.ToJsonString(), told.ToJsonString());
    }

    [Theory]
    [InlineData("predict", "air", "sequence", "\"values\":[[77,-2]]")]
    [InlineData("predict", "air", "sequence", "\"text\":\"warm\"")]
    [InlineData("predict", "names", "sequence", "\"text\":7")]
    [InlineData("predict", "nobody", "sequence", "\"text\":\"a\"")]
    [InlineData("predict", "names", "sequence", "\"text\":\"a\",\"version\":9")]
    [InlineData("complete", "names", "generate", "\"text\":\"a\"")]
    [InlineData("complete", "austen", "generate", "\"text\":\"a\",\"temperature\":-1")]
    [InlineData("complete", "austen", "generate", "\"text\":\"a\",\"maxLength\":1000000")]
    [InlineData("score", "names", "score", "\"text\":\"a\"")]
    [InlineData("forecast", "air", "forecast", "\"values\":[[1]],\"horizon\":2")]
    [InlineData("forecast", "austen", "forecast", "\"values\":[[1]],\"horizon\":2")]
    public async Task What_can_not_be_done_is_a_result_with_the_native_problem(string tool, string model, string operation, string arguments)
    {
        using var content = new StringContent($"{{{arguments}}}", System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Http.PostAsync(new Uri($"/api/v1/models/{model}/{operation}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var native = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

        var problem = await ProblemAsync(_client, tool, $$"""{"model":"{{model}}",{{arguments}}}""");

        Assert.Equal((string)native["type"]!, (string)problem["type"]!);
        Assert.Equal((int)native["status"]!, (int)problem["status"]!);
        Assert.Equal(WithoutPlace((string)native["detail"]!), (string)problem["detail"]!);
        Assert.Equal(native["errors"]?[0]!["pointer"]!.ToJsonString(), problem["errors"]?[0]!["pointer"]!.ToJsonString());
    }

    [Theory]
    [InlineData("predict", "{}", "'model'")]
    [InlineData("predict", """{"model":"names","session":"a","text":"a"}""", "not both")]
    [InlineData("predict", """{"model":3,"text":"a"}""", "string")]
    [InlineData("classify", """{"text":"a"}""", "model's name is missing")]
    [InlineData("classify", """{"model":"austen","text":"a"}""", "does not tell classes")]
    [InlineData("complete", """{"model":"austen","text":"a","stream":true}""", "no argument 'stream'")]
    [InlineData("list_models", """{"name":"a"}""", "no argument 'name'")]
    [InlineData("end_session", "{}", "session's ID is missing")]
    [InlineData("start_session", "{}", "model")]
    public async Task A_call_that_is_not_what_the_tool_takes_says_what_it_takes(string tool, string arguments, string part)
    {
        var problem = await ProblemAsync(_client, tool, arguments);

        Assert.Contains(part, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_remembers_between_calls()
    {
        var whole = await CallAsync(_client, "predict", """{"model":"names","text":"Nakamura"}""");
        var id = (string)(await CallAsync(_client, "start_session", """{"model":"names"}"""))["id"]!;

        await CallAsync(_client, "predict", $$"""{"session":"{{id}}","text":"Naka"}""");
        var peeked = await CallAsync(_client, "predict", $$"""{"session":"{{id}}","text":"x","commit":false}""");
        var second = await CallAsync(_client, "predict", $$"""{"session":"{{id}}","text":"mura"}""");

        Assert.False((bool)peeked["committed"]!);
        Assert.True(JsonNode.DeepEquals(whole["output"], second["output"]));
        Assert.Equal(8, (long)(await GetAsync(host.Http, $"/api/v1/sessions/{id}"))["step"]!);
    }

    [Fact]
    public async Task A_score_and_a_forecast_leave_the_session_where_it_is()
    {
        var text = (string)(await CallAsync(_client, "start_session", """{"model":"austen"}"""))["id"]!;
        var series = (string)(await CallAsync(_client, "start_session", """{"model":"air"}"""))["id"]!;
        await CallAsync(_client, "complete", $$"""{"session":"{{text}}","text":"Emma","maxLength":6}""");
        await CallAsync(_client, "predict", $$"""{"session":"{{series}}","values":[[77,-2,-7,1025,1.79,3,6]]}""");

        await CallAsync(_client, "score", $$"""{"session":"{{text}}","text":" was"}""");
        await CallAsync(_client, "forecast", $$"""{"session":"{{series}}","start":"2014-01-04T04:00:00+08:00","interval":"PT1H","horizon":1}""");

        Assert.Equal(10, (long)(await GetAsync(host.Http, $"/api/v1/sessions/{text}"))["step"]!);
        Assert.Equal(1, (long)(await GetAsync(host.Http, $"/api/v1/sessions/{series}"))["step"]!);
    }

    [Fact]
    public async Task A_session_that_was_ended_is_gone()
    {
        var id = (string)(await CallAsync(_client, "start_session", """{"model":"austen"}"""))["id"]!;

        Assert.Equal(id, (string)(await CallAsync(_client, "end_session", $$"""{"session":"{{id}}"}"""))["session"]!);

        Assert.Equal(410, (int)(await ProblemAsync(_client, "predict", $$"""{"session":"{{id}}","text":"a"}"""))["status"]!);
        await GetAsync(host.Http, $"/api/v1/sessions/{id}", HttpStatusCode.Gone);
    }

    // Where in the body is not told of arguments, which are not the client's text.
    static string WithoutPlace(string detail) => detail.IndexOf(" (line ", StringComparison.Ordinal) is > 0 and var place ? detail[..place] : detail;
}
