using System.Net;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.OpenInference.OipClient;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>The sequence extension: states that are kept between requests.</summary>
public sealed class SequenceTests : IDisposable
{
    static readonly string[] Steps = ["[1,2,3,4,5,6,7]", "[2,3,4,5,6,7,8]", "[3,4,5,6,7,8,9]"];

    readonly RnnApplication _application = new();
    readonly HttpClient _client;

    public SequenceTests() => _client = _application.CreateClient();

    public void Dispose()
    {
        _client.Dispose();
        _application.Dispose();
    }

    [Theory]
    [InlineData("\"e333c95a-07fc-42d2-ab16-033b1a566ed5\"", "\"other\"")]
    [InlineData("7", "18446744073709551615")]
    public async Task A_sequence_carries_its_state_and_another_comes_to_the_same(string one, string other)
    {
        var whole = await InferAsync(_client, "air", $$"""{"inputs":[{"name":"input","shape":[1,3,7],"datatype":"FP32","data":[{{string.Join(',', Steps)}}]}]}""");
        foreach (var id in new[] { one, other })
        {
            var outputs = new List<float>
            {
                Data(await StepAsync(id, 0, start: true), "output")[0],
                Data(await StepAsync(id, 1), "output")[0],
                Data(await StepAsync(id, 2, end: true), "output")[0],
            };

            Assert.Equal(Data(whole, "output"), outputs);
        }
    }

    [Fact]
    public async Task A_sequence_that_starts_and_ends_in_one_request_leaves_nothing()
    {
        var alone = Data(await InferAsync(_client, "air", $$"""{"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":{{Steps[0]}} }]}"""), "output");

        Assert.Equal(alone, Data(await StepAsync("\"s\"", 0, start: true, end: true), "output"));

        Assert.Contains("must specify the START flag", await RefusedAsync("\"s\"", 1, HttpStatusCode.Gone), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_of_a_sequence_that_never_started_is_refused() =>
        Assert.Equal(
            "inference request for sequence 5 to model 'air' must specify the START flag on the first request of the sequence",
            await RefusedAsync("5", 0, HttpStatusCode.BadRequest));

    [Theory]
    [InlineData("0")]
    [InlineData("\"\"")]
    public async Task An_empty_id_is_none_for_a_model_with_a_state_and_no_fault_for_one_without(string id)
    {
        Assert.Contains("must specify a non-zero or non-empty correlation ID", await RefusedAsync(id, 0, HttpStatusCode.BadRequest), StringComparison.Ordinal);

        await InferAsync(_client, "tags", $$"""{"inputs":[{"name":"words","shape":[1],"datatype":"BYTES","data":["Hello"]}],"parameters":{"sequence_id":{{id}} } }""");
        await InferAsync(
            _client, "tags", """{"inputs":[{"name":"words","shape":[1],"datatype":"BYTES","data":["Hello"]}],"parameters":{"sequence_id":3,"sequence_start":true}}""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_start_on_a_living_sequence_begins_it_anew()
    {
        var first = Data(await StepAsync("\"s\"", 0, start: true), "output");
        await StepAsync("\"s\"", 1);

        Assert.Equal(first, Data(await StepAsync("\"s\"", 0, start: true), "output"));
        Assert.Equal(2, (int)(await StepAsync("\"s\"", 1))["parameters"]!["step"]!);
    }

    [Fact]
    public async Task A_start_that_fails_leaves_the_living_sequence_where_it_is()
    {
        await StepAsync("\"s\"", 0, start: true);
        await StepAsync("\"s\"", 1);
        var before = await RnnApplication.GetAsync(_client, "/api/v1/sessions/s");

        foreach (var data in new[] { "[1,2,3]", "[1,2,3,4,5,6,1e39]", "[1,2,3,4,5,6,\"x\"]" })
        {
            await InferAsync(
                _client, "air", $$"""{"inputs":[{"name":"input","shape":[1,1,7],"datatype":"FP32","data":{{data}} }],"parameters":{"sequence_id":"s","sequence_start":true} }""", HttpStatusCode.BadRequest);
            await InferAsync(
                _client, "air", $$"""{"inputs":[{"name":"input","shape":[1,1,7],"datatype":"FP32","data":{{data}} }],"parameters":{"sequence_id":"s","sequence_end":true} }""", HttpStatusCode.BadRequest);
        }

        Assert.Equal(before.ToJsonString(), (await RnnApplication.GetAsync(_client, "/api/v1/sessions/s")).ToJsonString());
    }

    [Fact]
    public async Task A_string_and_a_number_of_the_same_digits_are_two()
    {
        await StepAsync("\"42\"", 0, start: true);
        await RefusedAsync("42", 1, HttpStatusCode.BadRequest);
        await StepAsync("42", 0, start: true);
        await StepAsync("42", 1);

        Assert.Equal(1, (int)(await RnnApplication.GetAsync(_client, "/api/v1/sessions/42"))["step"]!);
        Assert.Equal(2, (int)(await RnnApplication.GetAsync(_client, "/api/v1/sessions/~42"))["step"]!);
        await RefusedAsync("\"~42\"", 0, HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("1.5")]
    [InlineData("-3")]
    [InlineData("\"a b\"")]
    public async Task An_id_that_is_none_is_refused(string id) =>
        Assert.Contains("Unable to parse 'sequence_id'", await RefusedAsync(id, 0, HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Fact]
    public async Task Parameters_of_an_input_are_not_those_of_the_request()
    {
        var reply = await InferAsync(
            _client, "air", $$"""{"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":{{Steps[0]}},"parameters":{"sequence_id":"s","sequence_start":true} }]}""");

        Assert.Null(reply["parameters"]);
        await RnnApplication.GetAsync(_client, "/api/v1/sessions/s", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Steps_at_once_are_applied_one_after_the_other()
    {
        await StepAsync("\"s\"", 0, start: true);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StepAsync("\"s\"", 1)));

        Assert.Equal(Enumerable.Range(2, 20), replies.Select(reply => (int)reply["parameters"]!["step"]!).Order());
    }

    [Fact]
    public async Task An_expected_step_makes_a_request_conditional()
    {
        await StepAsync("\"s\"", 0, start: true);

        await StepAsync("\"s\"", 1, more: ",\"expected_step\":1");
        await StepAsync("\"s\"", 1, more: ",\"expected_step\":1", status: HttpStatusCode.PreconditionFailed);
        await StepAsync("\"s\"", 1, more: ",\"expected_step\":\"2\"");
        await SendAsync(_client, "POST", "/v2/models/air/infer", Request("\"s\"", 1), HttpStatusCode.PreconditionFailed, ("If-Match", "\"9\""));
        await StepAsync("\"s\"", 1, start: true, more: ",\"expected_step\":3", status: HttpStatusCode.BadRequest);

        Assert.Equal(3, (int)(await RnnApplication.GetAsync(_client, "/api/v1/sessions/s"))["step"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_with_a_key_is_applied_once(bool isBinary)
    {
        var parameters = isBinary ? ",\"binary_data_output\":true" : "";
        var start = Request("\"s\"", 0, start: true, more: parameters);
        var replies = new List<byte[]>();
        foreach (var (key, body) in new[] { ("a", start), ("a", start), ("b", Request("\"s\"", 1, more: parameters)), ("b", Request("\"s\"", 1, more: parameters)) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/air/infer") { Content = new StringContent(body) };
            request.Content.Headers.ContentType = null;
            request.Headers.Add("Idempotency-Key", key);
            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(replies.Count % 2 == 1, response.Headers.Contains("Idempotency-Replayed"));
            replies.Add(isBinary ? (await ReadBytesAsync(response)).Bytes : await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(replies[0], replies[1]);
        Assert.Equal(replies[2], replies[3]);
        Assert.Equal(2, (int)(await RnnApplication.GetAsync(_client, "/api/v1/sessions/s"))["step"]!);
        await SendAsync(_client, "POST", "/v2/models/air/infer", Request("\"s\"", 2), HttpStatusCode.BadRequest, ("Idempotency-Key", "b"));
    }

    [Fact]
    public async Task A_sequence_whose_time_is_up_says_so()
    {
        await StepAsync("\"s\"", 0, start: true);
        _application.Time.Advance(TimeSpan.FromHours(1));

        var error = await RefusedAsync("\"s\"", 1, HttpStatusCode.Gone);

        Assert.Contains("must specify the START flag", error, StringComparison.Ordinal);
        Assert.Contains("expired", error, StringComparison.Ordinal);
        Assert.Equal(1, (int)(await StepAsync("\"s\"", 0, start: true))["parameters"]!["step"]!);
    }

    [Fact]
    public async Task A_session_of_another_model_is_no_sequence_of_this_one()
    {
        await StepAsync("\"s\"", 0, start: true);
        const string Text = """{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"sequence_id":"s""";

        await InferAsync(_client, "austen", $$"""{{Text}}"} }""", HttpStatusCode.BadRequest);
        await InferAsync(_client, "austen", $$"""{{Text}}","sequence_start":true} }""", HttpStatusCode.Conflict);

        Assert.Equal("air", (string?)(await RnnApplication.GetAsync(_client, "/api/v1/sessions/s"))["model"]);
    }

    [Fact]
    public async Task A_sequence_is_a_session_that_the_native_protocol_goes_on_with()
    {
        await StepAsync("\"s\"", 0, start: true);
        await RnnApplication.PostAsync(_client, "/api/v1/sessions/s/step", $$"""{"values":{{Steps[1]}} }""");
        var third = Data(await StepAsync("\"s\"", 2), "output")[0];

        var whole = await InferAsync(_client, "air", $$"""{"inputs":[{"name":"input","shape":[1,3,7],"datatype":"FP32","data":[{{string.Join(',', Steps)}}]}]}""");
        Assert.Equal(Data(whole, "output")[2], third);
    }

    [Fact]
    public async Task A_sequence_takes_no_batch_and_a_state_only_where_it_starts()
    {
        await InferAsync(
            _client, "air", $$"""{"inputs":[{"name":"input","shape":[2,1,7],"datatype":"FP32","data":[{{Steps[0]}},{{Steps[1]}}]}],"parameters":{"sequence_id":"s","sequence_start":true} }""", HttpStatusCode.BadRequest);
        var state = Output(await InferAsync(_client, "air", $$"""{"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":{{Steps[0]}} }],"outputs":[{"name":"state"}]}"""), "state");
        string With(string flags) => $$"""
            {"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":{{Steps[1]}} },{"name":"state","datatype":"UINT8","shape":{{state["shape"]!.ToJsonString()}},"data":{{state["data"]!.ToJsonString()}} }],
             "parameters":{"sequence_id":"s"{{flags}} } }
            """;

        var started = await InferAsync(_client, "air", With(",\"sequence_start\":true"));
        await InferAsync(_client, "air", With(""), HttpStatusCode.BadRequest);

        Assert.Equal(2, (int)started["parameters"]!["step"]!);
    }

    static string Request(string id, int step, bool start = false, bool end = false, string more = "") => $$"""
        {"inputs":[{"name":"input","shape":[1,1,7],"datatype":"FP32","data":[[{{Steps[step]}}]]}],
         "parameters":{"sequence_id":{{id}},"sequence_start":{{(start ? "true" : "false")}},"sequence_end":{{(end ? "true" : "false")}}{{more}} } }
        """;

    Task<JsonNode> StepAsync(string id, int step, bool start = false, bool end = false, string more = "", HttpStatusCode status = HttpStatusCode.OK) =>
        InferAsync(_client, "air", Request(id, step, start, end, more), status);

    async Task<string> RefusedAsync(string id, int step, HttpStatusCode status) => (string)(await StepAsync(id, step, status: status))["error"]!;
}
