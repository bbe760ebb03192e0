using System.Net;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.Streaming;

public sealed class BatchTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Theory]
    [InlineData("step", "{\"text\":\"E\"}", "{\"text\":\"m\",\"top\":1,\"returnState\":true}")]
    [InlineData("sequence", "{\"text\":\"Emma\"}", "{\"text\":\"It is a truth\",\"return\":\"all\"}")]
    [InlineData("generate", "{\"text\":\"Emma\",\"maxLength\":9,\"seed\":1}", "{\"text\":\"It\",\"maxLength\":30,\"seed\":2}")]
    public async Task Each_reply_of_a_batch_is_the_one_to_the_call_alone(string operation, string first, string second)
    {
        var batch = await PostAsync(_client, $"/api/v1/models/austen/{operation}/batch", $$"""{"inputs":[{{first}},{{second}}]}""");

        var alone = new[]
        {
            await PostAsync(_client, $"/api/v1/models/austen/{operation}", first),
            await PostAsync(_client, $"/api/v1/models/austen/{operation}", second),
        };
        Assert.Equal(alone.Select(reply => reply.ToJsonString()), batch["results"]!.AsArray().Select(result => result!.ToJsonString()));
        Assert.Equal("austen", (string)batch["model"]!);
        Assert.Equal(0, (int)batch["failed"]!);
    }

    [Fact]
    public async Task What_is_wrong_with_one_call_is_told_in_its_place_and_the_others_are_answered()
    {
        var batch = await PostAsync(
            _client,
            "/api/v1/models/temperature/sequence/batch",
            """{"inputs":[{"values":[[1,0,1000,1,1,1],[1,0,1000]]},{"valeus":[]},{"values":[[1,0,1000,1,1,1]]},null,{"values":[["a"]]},{"commit":false}]}""");

        var results = batch["results"]!.AsArray();
        Assert.Equal(5, (int)batch["failed"]!);
        Assert.Equal(
            ["/inputs/0/values/1", "/inputs/1/valeus", null, "/inputs/3", "/inputs/4/values/0/0", "/inputs/5/commit"],
            results.Select(result => (string?)result!["error"]?["errors"]?[0]!["pointer"]));
        Assert.NotNull(results[2]!["output"]!["values"]);
        Assert.All(results.Select(result => result!["error"]).OfType<JsonNode>(), error => Assert.Equal(400, (int)error["status"]!));
    }

    [Theory]
    [InlineData("austen", """{"inputs":[]}""", "/inputs", HttpStatusCode.BadRequest)]
    [InlineData("austen", "{}", "", HttpStatusCode.BadRequest)]
    [InlineData("austen", "null", "", HttpStatusCode.BadRequest)]
    [InlineData("austen", """{"inputs":3}""", "/inputs", HttpStatusCode.BadRequest)]
    [InlineData("none", """{"inputs":[{"text":"a"}]}""", null, HttpStatusCode.NotFound)]
    public async Task A_batch_that_is_none_is_refused_as_a_whole(string model, string body, string? pointer, HttpStatusCode status)
    {
        var problem = await PostAsync(_client, $"/api/v1/models/{model}/step/batch", body, status);

        Assert.Equal(pointer, (string?)problem["errors"]?[0]!["pointer"]);
    }

    [Fact]
    public async Task A_batch_of_more_calls_than_the_limit_is_refused_by_name()
    {
        using var small = new RnnApplication { Settings = { ["Server:MaxBatchInputs"] = "2" } };
        using var client = small.CreateClient();

        var problem = await PostAsync(
            client, "/api/v1/models/austen/step/batch", """{"inputs":[{"text":"a"},{"text":"a"},{"text":"a"}]}""", HttpStatusCode.BadRequest);

        Assert.Equal("/inputs", (string)problem["errors"]![0]!["pointer"]!);
    }
}
