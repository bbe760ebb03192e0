using System.Net;
using System.Text;
using static Rnn.Api.Tests.OpenInference.OipClient;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>Everything but inference: what there is, whether it is ready, and how the protocol says no.</summary>
public sealed class RouteTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Theory]
    [InlineData("/v2")]
    [InlineData("/v2/")]
    public async Task The_server_names_itself_and_its_extensions(string path)
    {
        var server = await GetAsync(_client, path);

        Assert.Equal("rnn", (string?)server["name"]);
        Assert.NotEqual("", (string?)server["version"]);
        var extensions = server["extensions"]!.AsArray().Select(extension => (string)extension!).ToList();
        Assert.Empty(new[] { "classification", "sequence", "sequence(string_id)", "binary_tensor_data", "statistics" }.Except(extensions));
    }

    [Fact]
    public async Task The_server_lives_and_is_ready()
    {
        Assert.True((bool)(await GetAsync(_client, "/v2/health/live"))["live"]!);
        Assert.True((bool)(await GetAsync(_client, "/v2/health/ready"))["ready"]!);
    }

    [Theory]
    [InlineData("/v2/models/air")]
    [InlineData("/v2/models/air/versions/1")]
    public async Task A_model_tells_its_tensors(string path)
    {
        var model = await GetAsync(_client, path);

        Assert.Equal("air", (string?)model["name"]);
        Assert.Equal("rnn", (string?)model["platform"]);
        Assert.Equal("[\"1\"]", model["versions"]!.ToJsonString());
        Assert.Equal("""[{"name":"input","datatype":"FP32","shape":[-1,-1,7]}]""", model["inputs"]!.ToJsonString());
        Assert.Equal(
            """[{"name":"output","datatype":"FP32","shape":[-1,-1,1]},{"name":"lower","datatype":"FP32","shape":[-1,-1,1]},{"name":"upper","datatype":"FP32","shape":[-1,-1,1]}]""",
            model["outputs"]!.ToJsonString());
        Assert.True((bool)(await GetAsync(_client, $"{path}/ready"))["ready"]!);
    }

    [Fact]
    public async Task A_configuration_names_the_same_tensors_and_how_long_a_sequence_lives()
    {
        var config = await GetAsync(_client, "/v2/models/austen/config");

        Assert.Equal(0, (int)config["max_batch_size"]!);
        Assert.Equal("""[{"name":"tokens","data_type":"TYPE_INT64","dims":[-1,-1]}]""", config["input"]!.ToJsonString());
        Assert.Equal("TYPE_STRING", (string?)config["output"]![1]!["data_type"]);
        Assert.Equal(1_800_000_000, (long)config["sequence_batching"]!["max_sequence_idle_microseconds"]!);
        Assert.Null((await GetAsync(_client, "/v2/models/tags/versions/1/config"))["sequence_batching"]);
    }

    [Theory]
    [InlineData("GET", "/v2/models/nope", HttpStatusCode.NotFound, "Request for unknown model: 'nope' is not found")]
    [InlineData("GET", "/v2/models/nope/ready", HttpStatusCode.NotFound, "Request for unknown model: 'nope' is not found")]
    [InlineData("GET", "/v2/models/air/versions/9", HttpStatusCode.NotFound, "version 9 is not found")]
    [InlineData("GET", "/v2/models/air/versions/v10", HttpStatusCode.NotFound, "version v10 is not found")]
    [InlineData("POST", "/v2/models/air/versions/9/infer", HttpStatusCode.NotFound, "version 9 is not found")]
    [InlineData("GET", "/v2/nothing", HttpStatusCode.NotFound, "Not Found")]
    [InlineData("GET", "/v2/models/air/infer", HttpStatusCode.MethodNotAllowed, "Method Not Allowed")]
    [InlineData("POST", "/v2/health/live", HttpStatusCode.MethodNotAllowed, "Method Not Allowed")]
    [InlineData("POST", "/v2/repository/models/air/load", HttpStatusCode.Forbidden, "Models:Control")]
    public async Task An_error_is_an_object_with_one_member(string method, string path, HttpStatusCode status, string message)
    {
        var error = await SendAsync(_client, method, path, method == "POST" ? "{}" : null, status);

        Assert.Contains(message, (string?)error["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_that_any_page_could_send_is_refused(string type)
    {
        using var content = new StringContent("""{"inputs":[]}""", Encoding.UTF8, type);

        using var response = await _client.PostAsync(new Uri("/v2/models/air/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);

        await ReadAsync(response, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_also_if_it_only_becomes_so()
    {
        using var small = new RnnApplication { Settings = { ["Server:MaxBodyBytes"] = "2000" } };
        using var client = small.StartOnSocket();
        var body = Encoding.UTF8.GetBytes(new string(' ', 4_000));

        using var plain = new ByteArrayContent(body);
        using var compressed = new ByteArrayContent(Compression.Gzip(body));
        compressed.Headers.ContentEncoding.Add("gzip");
        foreach (var content in new[] { plain, compressed })
        {
            using var response = await client.PostAsync(new Uri("/v2/models/air/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);

            await ReadAsync(response, HttpStatusCode.RequestEntityTooLarge);
        }
    }

    [Fact]
    public async Task The_index_lists_every_version()
    {
        var index = await SendAsync(_client, "POST", "/v2/repository/index");

        Assert.Equal(application.Engine.Models.All.Select(model => model.Name), index.AsArray().Select(entry => (string)entry!["name"]!));
        Assert.All(index.AsArray(), entry => Assert.Equal("READY", (string?)entry!["state"]));
    }

    [Fact]
    public async Task A_model_is_unloaded_and_loaded_where_that_is_allowed()
    {
        using var open = new RnnApplication { Settings = { ["Models:Control"] = "Explicit" } };
        using var client = open.CreateClient();

        foreach (var (operation, status, state) in new[] { ("unload", HttpStatusCode.NotFound, "UNAVAILABLE"), ("load", HttpStatusCode.OK, "READY") })
        {
            using var response = await client.PostAsync(new Uri($"/v2/repository/models/air/{operation}", UriKind.Relative), null, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await GetAsync(client, "/v2/models/air/ready", status);
            var index = await SendAsync(client, "POST", "/v2/repository/index");
            Assert.Equal(state, (string?)Assert.Single(index.AsArray(), entry => (string)entry!["name"]! == "air")!["state"]);
        }
    }

    [Fact]
    public async Task Calls_are_counted_by_how_they_ended()
    {
        using var fresh = new RnnApplication();
        using var client = fresh.CreateClient();
        const string Body = """{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","data":["ab","cd"]}]}""";

        await InferAsync(client, "austen", Body);
        await InferAsync(client, "austen", Body);
        await InferAsync(client, "austen", """{"inputs":[]}""", HttpStatusCode.BadRequest);

        foreach (var path in new[] { "/v2/models/austen/stats", "/v2/models/austen/versions/1/stats" })
        {
            var stats = Assert.Single((await GetAsync(client, path))["model_stats"]!.AsArray())!;
            Assert.Equal((4L, 2L), ((long)stats["inference_count"]!, (long)stats["execution_count"]!));
            Assert.Equal((2L, 1L), ((long)stats["inference_stats"]!["success"]!["count"]!, (long)stats["inference_stats"]!["fail"]!["count"]!));
            Assert.Equal(fresh.Time.GetUtcNow().ToUnixTimeMilliseconds(), (long)stats["last_inference"]!);
        }

        Assert.Contains((await GetAsync(client, "/v2/models/stats"))["model_stats"]!.AsArray(), stats => (string)stats!["name"]! == "air" && (long)stats["last_inference"]! == 0);
    }
}
