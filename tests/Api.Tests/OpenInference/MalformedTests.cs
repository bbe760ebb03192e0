using System.Net;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.OpenInference.OipClient;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>Requests that are not what the protocol says: refused by what is wrong, and the sequence they name stays where it is.</summary>
public sealed class MalformedTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Good = """{"name":"input","shape":[1,1,7],"datatype":"FP32","data":[1,2,3,4,5,6,7]}""";
    const string Sequence = "\"parameters\":{\"sequence_id\":\"m\"}";

    readonly HttpClient _client = application.CreateClient();

    public static TheoryData<string, string> Inputs => new()
    {
        { "", "expected input 'input' for model 'air'" },
        { $"{Good},{Good}", "input 'input' already exists in request" },
        { """{"name":"x","shape":[1,1,7],"datatype":"FP32","data":[1,2,3,4,5,6,7]}""", "unexpected inference input 'x' for model 'air'" },
        { """{"name":"input","shape":[1,1,7],"datatype":"FP32","data":[1,2,3,4,5,6]}""", "takes 28 bytes of FP32; there are 24" },
        { """{"name":"input","shape":[1,1,6],"datatype":"FP32","data":[1,2,3,4,5,6]}""", "this model reads 7" },
        { """{"name":"input","shape":[1,-1,7],"datatype":"FP32","data":[]}""", "a dimension must be 0 or more" },
        { """{"name":"input","shape":[1,0,7],"datatype":"FP32","data":[]}""", "is empty" },
        { """{"name":"input","shape":[1,9000000000000,0],"datatype":"FP32","data":[]}""", "more than one request can hold" },
        { """{"name":"input","shape":[4294967296,4294967296,7],"datatype":"FP32","data":[1]}""", "more than one request can hold" },
        { """{"name":"input","shape":[2147483647,2],"datatype":"FP32","data":[1]}""", "more than one request can hold" },
        { """{"name":"input","shape":[18446744073709551615],"datatype":"FP32","data":[1]}""", "whole number below 2^63" },
        { """{"name":"input","shape":[1.5],"datatype":"FP32","data":[1]}""", "whole number below 2^63" },
        { """{"name":"input","shape":[1,1,1,7],"datatype":"FP32","data":[1,2,3,4,5,6,7]}""", "unexpected shape for input 'input'" },
        { """{"name":"input","shape":[7],"datatype":"FP31","data":[1,2,3,4,5,6,7]}""", "invalid datatype 'FP31'" },
        { """{"name":"input","shape":[7],"datatype":"BYTES","data":["1","2","3","4","5","6","7"]}""", "unexpected datatype BYTES of input 'input'" },
        { """{"name":"input","shape":[7],"datatype":"FP32","data":[1,2,3,4,5,6,"7"]}""", "element 6 of the data of input 'input' is no FP32" },
        { """{"name":"input","shape":[7],"datatype":"FP32","data":[1,2,3,4,5,6,1e39]}""", "element 6 of the data of input 'input' is no FP32" },
        { """{"name":"input","shape":[7],"datatype":"FP64","data":[1,2,3,4,5,6,1e300]}""", "input[0,0,6]" },
        { """{"name":"input","shape":[7],"datatype":"FP32","data":[1,2,3,4,5,6,null]}""", "is no FP32" },
        { """{"name":"input","shape":[7],"datatype":"INT8","data":[1,2,3,4,5,6,128]}""", "is no INT8" },
        { """{"name":"input","shape":[7],"datatype":"UINT64","data":[1,2,3,4,5,6,-1]}""", "is no UINT64" },
        { """{"name":"input","shape":[7],"datatype":"INT32","data":[1,2,3,4,5,6,1.5]}""", "is no INT32" },
        { """{"name":"input","shape":[7],"datatype":"BOOL","data":[1,2,3,4,5,6,7]}""", "is no BOOL" },
        { """{"name":"input","shape":[7],"datatype":"FP32","data":7}""", "must be an array" },
        { """{"name":"input","shape":7,"datatype":"FP32","data":[7]}""", "shape must be an array" },
        { """{"shape":[7],"datatype":"FP32","data":[1]}""", "must have 'name', 'shape' and 'datatype'" },
        { """{"name":"input","datatype":"FP32","data":[1]}""", "must have 'name', 'shape' and 'datatype'" },
        { """{"name":"input","shape":[7],"data":[1]}""", "must have 'name', 'shape' and 'datatype'" },
        { "7", "An input must be an object" },
        { """{"name":"\ud800","shape":[1,1,7],"datatype":"FP32","data":[1,2,3,4,5,6,7]}""", "A string here is no text" },
        { """{"\udc00\ud800":"input","shape":[1,1,7],"datatype":"FP32","data":[1,2,3,4,5,6,7]}""", "A string here is no text" },
        { """{"name":"state","shape":[1,2],"datatype":"UINT8","data":[1,2]}""", "expected input 'input'" },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task An_input_that_can_not_be_used_is_refused(string inputs, string message)
    {
        await StartAsync();

        var error = await InferAsync(_client, "air", $$"""{"inputs":[{{inputs}}],{{Sequence}} }""", HttpStatusCode.BadRequest);

        Assert.Contains(message, (string?)error["error"], StringComparison.Ordinal);
        await ExpectUntouchedAsync();
    }

    [Theory]
    [InlineData("""[{"name":"y"}]""", "unexpected inference output 'y' for model 'air'")]
    [InlineData("""[{"name":"output"},{"name":"output"}]""", "output 'output' already exists in request")]
    [InlineData("""[{"name":"output","parameters":{"classification":-1}}]""", "Unable to parse 'classification'")]
    [InlineData("""[{"name":"output","parameters":{"binary_data":"yes"}}]""", "Unable to parse 'binary_data'")]
    [InlineData("""[{"name":"output","parameters":{"shared_memory_region":"r"}}]""", "shared memory")]
    [InlineData("""[{"parameters":{}}]""", "An output must have a 'name'")]
    [InlineData("""{"name":"output"}""", "outputs must be an array")]
    public async Task An_output_that_there_is_not_is_refused(string outputs, string message)
    {
        await StartAsync();

        var error = await InferAsync(_client, "air", $$"""{"inputs":[{{Good}}],"outputs":{{outputs}},{{Sequence}} }""", HttpStatusCode.BadRequest);

        Assert.Contains(message, (string?)error["error"], StringComparison.Ordinal);
        await ExpectUntouchedAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"inputs\":")]
    [InlineData("{\"inputs\":[]} x")]
    [InlineData("{\"inputs\":[],\"inputs\":[]}")]
    [InlineData("{\"inputs\":{}}")]
    [InlineData("{\"id\":7,\"inputs\":[]}")]
    [InlineData("{\"parameters\":{\"a\":[]},\"inputs\":[]}")]
    [InlineData("{\"parameters\":{\"return\":\"some\"},\"inputs\":[{\"name\":\"input\",\"shape\":[7],\"datatype\":\"FP32\",\"data\":[1,2,3,4,5,6,7]}]}")]
    [InlineData("{\"parameters\":{\"sequence_start\":1},\"inputs\":[]}")]
    [InlineData("{\"parameters\":{\"priority\":-1},\"inputs\":[]}")]
    public async Task A_body_that_is_no_request_is_refused(string body) => await InferAsync(_client, "air", body, HttpStatusCode.BadRequest);

    [Fact]
    public async Task Nesting_without_end_is_refused() =>
        await InferAsync(
            _client, "air", $$"""{"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":{{new string('[', 100_000)}}""", HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("""{"name":"tokens","shape":[1,2],"datatype":"INT64","data":[1,99999]}""", "tokens[0,1]")]
    [InlineData("""{"name":"tokens","shape":[1,2],"datatype":"INT64","data":[1,-1]}""", "tokens[1] is -1")]
    [InlineData("""{"name":"tokens","shape":[1,2],"datatype":"INT64","data":[9223372036854775807,1]}""", "not in this model's vocabulary")]
    [InlineData("""{"name":"tokens","shape":[2],"datatype":"FP32","data":[1,2]}""", "unexpected datatype FP32 of input 'tokens'")]
    [InlineData("""{"name":"text","shape":[2],"datatype":"BYTES","data":["a","\u0001"]}""", "text[1]")]
    [InlineData("""{"name":"text","shape":[2],"datatype":"BYTES","data":["a","ab"]}""", "The sequences of the batch have 1 timesteps and 2")]
    [InlineData("""{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]},{"name":"tokens","shape":[1],"datatype":"INT64","data":[1]}""", "and not both")]
    public async Task A_text_that_can_not_be_read_is_refused_by_its_place(string input, string message)
    {
        var error = await InferAsync(_client, "austen", $$"""{"inputs":[{{input}}]}""", HttpStatusCode.BadRequest);

        Assert.Contains(message, (string?)error["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_of_too_many_numbers_is_refused_before_it_is_made()
    {
        using var small = new RnnApplication { Settings = { ["Limits:MaxOutputNumbers"] = "100", ["Server:MaxBatchInputs"] = "2" } };
        using var client = small.CreateClient();
        string Request(string shape, string texts, string more) => $$"""{"inputs":[{"name":"text","shape":{{shape}},"datatype":"BYTES","data":{{texts}} }]{{more}} }""";

        await InferAsync(client, "austen", Request("[1]", "[\"aaaa\"]", ",\"outputs\":[{\"name\":\"label\"}]"));
        await InferAsync(client, "austen", Request("[1]", "[\"aaaa\"]", ",\"parameters\":{\"return\":\"last\"}"));
        await InferAsync(client, "austen", Request("[1]", "[\"aaaa\"]", ""), HttpStatusCode.BadRequest);
        await InferAsync(client, "austen", Request("[3]", "[\"a\",\"a\",\"a\"]", ",\"outputs\":[{\"name\":\"label\"}]"), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_encoder_decoder_points_to_generate() => Assert.Contains(
        "generate",
        (string?)(await InferAsync(_client, "dates", """{"inputs":[{"name":"text_input","shape":[1],"datatype":"BYTES","data":["3 May 2020"]}]}""", HttpStatusCode.BadRequest))["error"],
        StringComparison.Ordinal);

    Task<JsonNode> StartAsync() => InferAsync(_client, "air", $$"""{"inputs":[{{Good}}],"parameters":{"sequence_id":"m","sequence_start":true} }""");

    async Task ExpectUntouchedAsync() => Assert.Equal(1, (int)(await RnnApplication.GetAsync(_client, "/api/v1/sessions/m"))["step"]!);
}
