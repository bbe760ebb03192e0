using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using static Rnn.Api.Tests.OpenInference.OipClient;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>The binary tensor data extension, in both directions.</summary>
public sealed class BinaryTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    static readonly float[] Step = [77, -2, -7, 1025, 1.79f, 3, 4];

    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task Bytes_in_and_out_hold_the_numbers_of_JSON_to_the_last_bit()
    {
        var json = await InferAsync(_client, "air", """{"inputs":[{"name":"input","shape":[1,1,7],"datatype":"FP32","data":[77,-2,-7,1025,1.79,3,4]}]}""");

        using var response = await PostBytesAsync(_client, "air", Request("""{"binary_data_output":true}""", "[1,1,7]", "FP32", 28), Bytes(Step));
        var (reply, bytes) = await ReadBytesAsync(response);

        Assert.All(reply["outputs"]!.AsArray(), output => Assert.Equal((4, false), ((int)output!["parameters"]!["binary_data_size"]!, output.AsObject().ContainsKey("data"))));
        Assert.Equal([.. Data(json, "output"), .. Data(json, "lower"), .. Data(json, "upper")], Floats(bytes));
    }

    [Fact]
    public async Task An_output_may_differ_from_what_the_request_says_of_all()
    {
        using var response = await PostBytesAsync(
            _client, "air", Request("""{"binary_data_output":true}""", "[7]", "FP32", 28, """[{"name":"lower","parameters":{"binary_data":false}},{"name":"upper"}]"""), Bytes(Step));
        var (reply, bytes) = await ReadBytesAsync(response);

        Assert.Single(Data(reply, "lower"));
        Assert.Equal(4, bytes.Length);
    }

    [Fact]
    public async Task One_output_may_be_binary_in_a_request_of_JSON()
    {
        using var content = new StringContent(
            """{"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":[77,-2,-7,1025,1.79,3,4]}],"outputs":[{"name":"output","parameters":{"binary_data":true}}]}""",
            Encoding.UTF8, "application/json");

        using var response = await _client.PostAsync(new Uri("/v2/models/air/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Equal(4, (await ReadBytesAsync(response)).Bytes.Length);
    }

    [Fact]
    public async Task Inputs_of_JSON_and_of_bytes_go_together()
    {
        using var first = await PostBytesAsync(_client, "air", Request("{}", "[7]", "FP32", 28, """[{"name":"state","parameters":{"binary_data":true}}]"""), Bytes(Step));
        var state = (await ReadBytesAsync(first)).Bytes;

        var json = $$"""
            {"inputs":[{"name":"state","shape":[1,{{state.Length}}],"datatype":"UINT8","parameters":{"binary_data_size":{{state.Length}} } },
             {"name":"input","shape":[7],"datatype":"FP32","data":[77,-2,-7,1025,1.79,3,4]}]}
            """;
        using var mixed = await PostBytesAsync(_client, "air", json, state);
        using var two = await PostBytesAsync(_client, "air", Request("{}", "[1,2,7]", "FP32", 56), Bytes([.. Step, .. Step]));

        Assert.Equal(Data(await ReadAsync(two, HttpStatusCode.OK), "output")[1], Data(await ReadAsync(mixed, HttpStatusCode.OK), "output")[0]);
    }

    [Fact]
    public async Task Floats_of_16_bits_come_as_bytes()
    {
        float[] exact = [1, -2, 0.5f, 1024, 0.25f, 3, 4];
        using var expected = await PostBytesAsync(_client, "air", Request("{}", "[7]", "FP32", 28), Bytes(exact));
        var numbers = Data(await ReadAsync(expected, HttpStatusCode.OK), "output");
        var half = MemoryMarshal.AsBytes(Array.ConvertAll(exact, value => (Half)value).AsSpan()).ToArray();
        var brain = MemoryMarshal.AsBytes(Array.ConvertAll(exact, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).AsSpan()).ToArray();

        foreach (var (datatype, bytes) in new[] { ("FP16", half), ("BF16", brain) })
        {
            using var response = await PostBytesAsync(_client, "air", Request("{}", "[7]", datatype, 14), bytes);
            Assert.Equal(numbers, Data(await ReadAsync(response, HttpStatusCode.OK), "output"));
        }

        await InferAsync(_client, "air", """{"inputs":[{"name":"input","shape":[7],"datatype":"FP16","data":[1,2,3,4,5,6,7]}]}""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Texts_have_their_lengths_before_them()
    {
        var bytes = Texts("Anna", "Petrov");
        var json = $$"""{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":{{bytes.Length}} } }],"outputs":[{"name":"label","parameters":{"binary_data":true} }],"parameters":{"return":"last"} }""";
        var expected = await InferAsync(_client, "names", """{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","data":["Anna","Petrov"]}],"parameters":{"return":"last"}}""");

        using var response = await PostBytesAsync(_client, "names", json, bytes);

        Assert.Equal(Texts([.. Output(expected, "label")["data"]!.AsArray().Select(label => (string)label!)]), (await ReadBytesAsync(response)).Bytes);
    }

    [Fact]
    public async Task A_raw_body_is_the_one_input_and_is_answered_in_bytes()
    {
        using var steps = await PostBytesAsync(_client, "air", "", Bytes([.. Step, .. Step]), length: "0");
        using var text = await PostBytesAsync(_client, "austen", "", [.. new long[] { 1, 2, 3 }.SelectMany(BitConverter.GetBytes)], length: "0");
        using var uneven = await PostBytesAsync(_client, "air", "", new byte[30], length: "0");

        var (reply, bytes) = await ReadBytesAsync(steps);
        Assert.Equal([1L, 2L, 1L], Shape(reply, "output"));
        Assert.Equal(3 * 2 * sizeof(float), bytes.Length);
        var labels = (await ReadBytesAsync(text)).Json;
        Assert.Equal([1L, 3L], Shape(labels, "label"));
        Assert.Contains("expecting 26 additional bytes for model 'air'", (string?)(await ReadAsync(uneven, HttpStatusCode.BadRequest))["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_compressed_body_is_measured_as_it_was_before(string encoding)
    {
        var json = Encoding.UTF8.GetBytes(Request("{}", "[7]", "FP32", 28));
        byte[] body = [.. json, .. Bytes(Step)];
        using var content = new ByteArrayContent(encoding == "gzip" ? Compression.Gzip(body) : Compression.Deflate(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.ContentEncoding.Add(encoding);
        content.Headers.TryAddWithoutValidation(LengthHeader, $"{json.Length}");

        using var response = await _client.PostAsync(new Uri("/v2/models/air/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);

        Assert.Single(Data(await ReadAsync(response, HttpStatusCode.OK), "output"));
    }

    [Theory]
    [InlineData("br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("gzip", HttpStatusCode.BadRequest)]
    public async Task A_compression_that_is_not_read_or_not_there_is_refused(string encoding, HttpStatusCode status)
    {
        using var content = new ByteArrayContent([1, 2, 3, 4]);
        content.Headers.ContentEncoding.Add(encoding);

        using var response = await _client.PostAsync(new Uri("/v2/models/air/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);

        await ReadAsync(response, status);
    }

    [Theory]
    [InlineData(24, null, 28, "unexpected size for input 'input', expecting 4 additional bytes for model 'air'")]
    [InlineData(32, null, 28, "unexpected additional input data for model 'air'")]
    [InlineData(24, null, 24, "takes 28 bytes of FP32; there are 24")]
    [InlineData(28, "x1", 28, "Unable to parse Inference-Header-Content-Length, got: x1")]
    [InlineData(28, "-5", 28, "inference header size should be in range (0, ")]
    [InlineData(28, "100000", 28, "inference header size should be in range (0, ")]
    [InlineData(28, "99999999999999999999", 28, "Unable to parse Inference-Header-Content-Length")]
    [InlineData(28, "20", 28, "failed to parse the request JSON buffer")]
    public async Task Bytes_that_do_not_fit_are_refused_by_what_is_wrong(int bytes, string? length, int said, string message)
    {
        using var response = await PostBytesAsync(_client, "air", Request("{}", "[1,1,7]", "FP32", said), new byte[bytes], length);

        Assert.Contains(message, (string?)(await ReadAsync(response, HttpStatusCode.BadRequest))["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"input","shape":[7],"datatype":"FP32"}""")]
    [InlineData("""{"name":"input","shape":[7],"datatype":"FP32","data":[1,2,3,4,5,6,7],"parameters":{"binary_data_size":28}}""")]
    [InlineData("""{"name":"input","shape":[7],"datatype":"FP32","parameters":{"binary_data_size":28,"shared_memory_region":"r"}}""")]
    public async Task An_input_has_its_elements_in_one_place(string input)
    {
        using var response = await PostBytesAsync(_client, "air", $$"""{"inputs":[{{input}}]}""", Bytes(Step));

        Assert.Contains("Input must set only one of the following fields", (string?)(await ReadAsync(response, HttpStatusCode.BadRequest))["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 9, 0, 0, 0, 65 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 65 })]
    [InlineData(new byte[] { 1, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 255 })]
    public async Task Texts_that_are_cut_off_or_are_none_are_refused(byte[] bytes)
    {
        var json = $$"""{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":{{bytes.Length}} } }]}""";

        using var response = await PostBytesAsync(_client, "austen", json, bytes);

        await ReadAsync(response, HttpStatusCode.BadRequest);
    }

    static string Request(string parameters, string shape, string datatype, int size, string outputs = "[]") =>
        $$"""{"parameters":{{parameters}},"inputs":[{"name":"input","shape":{{shape}},"datatype":"{{datatype}}","parameters":{"binary_data_size":{{size}} } }],"outputs":{{outputs}} }""";
}
