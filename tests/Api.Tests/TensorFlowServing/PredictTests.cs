using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.TensorFlowServing;

public sealed class PredictTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Hours = "[[77,-2,-7,1025,1.79,0,6],[77,-5,-9,1025,0.45,1,6],[80,-6,-9,1025,1.79,2,6]]";

    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task Rows_of_text_tell_the_native_probabilities_in_label_order()
    {
        var labels = (await GetAsync(_client, "/api/v1/models/names"))["output"]!["labels"]!.AsArray().Select(label => (string)label!).ToList();

        var reply = await PredictAsync("names", """{"instances":["Nakamura",{"b64":"Um9zc2k="},{"input":"Rossi"}]}""");

        var predictions = reply["predictions"]!.AsArray();
        Assert.Equal(3, predictions.Count);
        Assert.True(JsonNode.DeepEquals(predictions[1], predictions[2]));
        foreach (var (index, name) in new[] { "Nakamura", "Rossi" }.Index())
        {
            var native = (await PostAsync(_client, "/api/v1/models/names/sequence", new { text = name, top = 100 }))["output"]!["candidates"]!.AsArray();
            var inOrder = native.OrderBy(candidate => labels.IndexOf((string)candidate!["label"]!)).Select(candidate => Text(candidate!["probability"]));
            Assert.Equal(inOrder, predictions[index]!.AsArray().Select(Text));
        }
    }

    [Fact]
    public async Task Columns_are_told_as_columns()
    {
        var values = await WindowAsync();
        var native = await PostAsync(_client, "/api/v1/models/temperature/sequence", $$"""{"values":{{values}}}""");

        foreach (var inputs in new[] { $"[{values},{values}]", $$"""{"input":[{{values}},{{values}}]}""" })
        {
            var reply = await PredictAsync("temperature", $$"""{"signature_name":"serving_default","inputs":{{inputs}}}""");

            Assert.Null(reply["predictions"]);
            Assert.Equal(2, reply["outputs"]!.AsArray().Count);
            Assert.All(reply["outputs"]!.AsArray(), output => Assert.Equal(Text(native["output"]!["values"]), Text(output)));
        }
    }

    [Fact]
    public async Task Several_tensors_are_told_by_name_in_each_row_and_in_each_column()
    {
        var native = await PostAsync(_client, "/api/v1/models/air/sequence", $$"""{"values":{{Hours}}}""");

        var row = (await PredictAsync("air", $$"""{"instances":[{{Hours}}]}"""))["predictions"]![0]!;
        var column = (await PredictAsync("air", $$"""{"inputs":[{{Hours}}]}"""))["outputs"]!;

        foreach (var name in new[] { "values", "lower", "upper" })
        {
            Assert.Equal(Text(native["output"]![name]), Text(row[name]));
            Assert.Equal(Text(native["output"]![name]), Text(column[name]![0]));
        }
    }

    [Fact]
    public async Task A_vector_is_a_sequence_of_one_timestep()
    {
        var vector = await PredictAsync("air", """{"instances":[[77,-2,-7,1025,1.79,0,6]]}""");
        var matrix = await PredictAsync("air", """{"instances":[[[77,-2,-7,1025,1.79,0,6]]]}""");

        Assert.True(JsonNode.DeepEquals(matrix, vector));
    }

    [Theory]
    [InlineData("austen", "\"Emma\"", """{"text":"Emma","return":"all","top":1000}""")]
    [InlineData("austen", "[12,40]", """{"tokens":[12,40],"return":"all","top":1000}""")]
    [InlineData("tags", "[\"She\",\"opened\",\"the\",\"door\"]", """{"words":["She","opened","the","door"],"return":"all","top":1000}""")]
    public async Task The_sequence_signature_tells_every_timestep(string model, string instance, string body)
    {
        var native = (await PostAsync(_client, $"/api/v1/models/{model}/sequence", body))["outputs"]!.AsArray();

        var reply = await PredictAsync(model, $$"""{"signature_name":"sequence","instances":[{{instance}}]}""");

        var timesteps = reply["predictions"]![0]!.AsArray();
        Assert.Equal(native.Count, timesteps.Count);
        Assert.All(native.Zip(timesteps), pair => Assert.Equal(
            pair.First!["candidates"]!.AsArray().Select(candidate => Text(candidate!["probability"])),
            pair.Second!.AsArray().OrderByDescending(probability => (float)probability!).Select(Text)));
    }

    [Fact]
    public async Task A_sequence_is_told_the_same_alone_and_in_a_batch()
    {
        var names = Enumerable.Range(0, 150).Select(index => $"\"{"Papadopoulos"[..(1 + index % 12)]}\"").ToList();

        var all = (await PredictAsync("names", $$"""{"instances":[{{string.Join(',', names)}}]}"""))["predictions"]!.AsArray();

        Assert.Equal(150, all.Count);
        for (var length = 1; length <= 12; length++)
        {
            var alone = await PredictAsync("names", $$"""{"instances":["{{"Papadopoulos"[..length]}}"]}""");
            Assert.Equal(Text(alone["predictions"]![0]), Text(all[length - 1 + 132]));
        }
    }

    [Theory]
    [InlineData("names", "", 400, "JSON")]
    [InlineData("names", "[]", 400, "instances or inputs")]
    [InlineData("names", "{}", 400, "neither instances nor inputs")]
    [InlineData("names", """{"instances":["a"],"inputs":["a"]}""", 400, "both instances and inputs")]
    [InlineData("names", """{"instances":["a"],"instances":["b"]}""", 400, "instances")]
    [InlineData("names", """{"instances":[]}""", 400, "0 sequences")]
    [InlineData("names", """{"inputs":"Rossi"}""", 400, "(at /inputs)")]
    [InlineData("names", """{"instances":[{"name":"Rossi"}]}""", 400, "no input 'name'")]
    [InlineData("names", """{"instances":["Rossi",7]}""", 400, "(at /instances/1)")]
    [InlineData("austen", """{"instances":["Rossi","R\u4e2d"]}""", 400, "(at /instances/1)")]
    [InlineData("names", """{"instances":[{"b64":"/w=="}]}""", 400, "UTF-8")]
    [InlineData("names", """{"instances":[{"b64":"?"}]}""", 400, "base64")]
    [InlineData("names", """{"instances":[""]}""", 400, "empty")]
    [InlineData("names", """{"instances":["\ud800"]}""", 400, "no text")]
    [InlineData("names", """{"instances":[{"\ud800":"Rossi"}]}""", 400, "no text")]
    [InlineData("names", """{"instances":["a"],"signature_name":"classify"}""", 400, "no signature 'classify'")]
    [InlineData("names", """{"instances":["a"],"signature_name":1}""", 400, "(at /signature_name)")]
    [InlineData("names", """{"instances":[NaN]}""", 400, "(line 1")]
    [InlineData("austen", """{"instances":[[1,1.5]]}""", 400, "(at /instances/0/1)")]
    [InlineData("austen", """{"instances":[[1,100000]]}""", 400, "(at /instances/0/1)")]
    [InlineData("air", """{"instances":[[[77,-2,-7,1025,1.79,0,6],[77,-2]]]}""", 400, "(at /instances/0/1)")]
    [InlineData("air", """{"inputs":{"input":[[[77,-2,-7,1025,1.79,0,"x"]]]}}""", 400, "(at /inputs/input/0/0/6)")]
    [InlineData("air", """{"instances":[[1e99,-2,-7,1025,1.79,0,6]]}""", 400, "(at /instances/0/0)")]
    [InlineData("air", """{"instances":["text"]}""", 400, "a list of timesteps")]
    [InlineData("dates", """{"instances":["May 4 2020"]}""", 400, "encoder-decoder")]
    [InlineData("nobody", """{"instances":["a"]}""", 404, "No model of that name")]
    [InlineData("names/versions/9", """{"instances":["a"]}""", 404, "no version 9")]
    [InlineData("names/versions/x", """{"instances":["a"]}""", 404, "'x' is none")]
    [InlineData("names/labels/stable", """{"instances":["a"]}""", 404, "no label")]
    public async Task What_can_not_be_predicted_is_told_in_one_sentence(string model, string body, int status, string part)
    {
        var error = await ErrorAsync($"/v1/models/{model}:predict", body, (HttpStatusCode)status);

        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/models/names:classify")]
    [InlineData("/v1/models/names/versions/1:regress")]
    public async Task Classify_and_regress_are_refused_by_name(string path) => Assert.Contains(
        ":predict", await ErrorAsync(path, """{"examples":[{"x":1}]}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Fact]
    public async Task Limits_hold()
    {
        using var limited = new RnnApplication { Settings = { ["Server:MaxBatchInputs"] = "2", ["Limits:MaxTimesteps"] = "5", ["Server:MaxBodyBytes"] = "1024" } };
        using var client = limited.StartOnSocket();

        Assert.Contains("1 to 2", await ErrorAsync(client, """{"instances":["a","b","c"]}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("at most 5", await ErrorAsync(client, """{"instances":["Rossini"]}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        await ErrorAsync(client, $$"""{"instances":["{{new string('a', 2000)}}"]}""", HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(2, (await SendAsync(client, "POST", "/v1/models/names:predict", """{"instances":["a","b"]}"""))["predictions"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_body_is_read_whatever_its_content_type()
    {
        using var content = new StringContent("""{"instances":["Rossi"]}""", Encoding.UTF8, "application/x-www-form-urlencoded");

        using var response = await _client.PostAsync(new Uri("/v1/models/names/versions/1:predict", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    Task<JsonNode> PredictAsync(string model, string body) => SendAsync(_client, "POST", $"/v1/models/{model}:predict", body);

    static async Task<string> WindowAsync()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "models", "temperature", "1", "request.json");
        return JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!["values"]!.ToJsonString();
    }

    Task<string> ErrorAsync(string path, string body, HttpStatusCode status) => ErrorAsync(_client, body, status, path);

    static async Task<string> ErrorAsync(HttpClient client, string body, HttpStatusCode status, string path = "/v1/models/names:predict")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return (string)Assert.Single(JsonNode.Parse(text)!.AsObject(), property => property.Key == "error").Value!;
    }

    static string Text(JsonNode? node) => node!.ToJsonString();
}
