using System.Net;
using System.Text.Json.Nodes;
using Rnn.Api.Tests.Security;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests.TensorFlowServing;

public sealed class ServingModelTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task A_version_that_is_served_is_available()
    {
        var status = await GetAsync(_client, "/v1/models/names/versions/1");

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"model_version_status":[{"version":"1","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}]}"""),
            status));
    }

    [Theory]
    [InlineData("temperature", "DT_FLOAT", "-1,-1,6", "values:-1,24")]
    [InlineData("names", "DT_STRING", "-1", "probabilities:-1,18")]
    [InlineData("tags", "DT_STRING", "-1", "probabilities:-1,17")]
    [InlineData("air", "DT_FLOAT", "-1,-1,7", "values:-1,1;lower:-1,1;upper:-1,1")]
    public async Task Metadata_tells_types_and_shapes(string model, string type, string shape, string outputs)
    {
        var metadata = await GetAsync(_client, $"/v1/models/{model}/metadata");

        Assert.Equal(model, (string)metadata["model_spec"]!["name"]!);
        var signatures = metadata["metadata"]!["signature_def"]!["signature_def"]!.AsObject();
        Assert.Equal(["serving_default", "sequence"], signatures.Select(signature => signature.Key));
        var signature = signatures["serving_default"]!;
        Assert.Equal("tensorflow/serving/predict", (string)signature["method_name"]!);
        Assert.Equal(type, (string)signature["inputs"]!["input"]!["dtype"]!);
        Assert.Equal(shape, ShapeOf(signature["inputs"]!["input"]!));
        Assert.Equal(outputs, string.Join(';', signature["outputs"]!.AsObject().Select(output => $"{output.Key}:{ShapeOf(output.Value!)}")));
        Assert.All(signatures["sequence"]!["outputs"]!.AsObject(), output => Assert.StartsWith("-1,-1,", ShapeOf(output.Value!), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_of_a_version_are_those_of_the_model() => Assert.True(JsonNode.DeepEquals(
        await GetAsync(_client, "/v1/models/names/metadata"), await GetAsync(_client, "/v1/models/names/versions/1/metadata")));

    [Fact]
    public async Task An_encoder_decoder_has_no_signature() =>
        Assert.Empty((await GetAsync(_client, "/v1/models/dates/metadata"))["metadata"]!["signature_def"]!["signature_def"]!.AsObject());

    [Theory]
    [InlineData("/v1/models/nobody/metadata", HttpStatusCode.NotFound)]
    [InlineData("/v1/models/names/versions/2", HttpStatusCode.NotFound)]
    [InlineData("/v1/models/names/versions/99999999999", HttpStatusCode.NotFound)]
    [InlineData("/v1/models/names/labels/stable", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_told_in_one_sentence(string path, HttpStatusCode status)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        Assert.Equal("error", Assert.Single(error).Key);
    }

    [Theory]
    [InlineData("GET", "/v1/models/names/metadata", null, HttpStatusCode.Unauthorized, "key")]
    [InlineData("GET", "/v1/models/names/metadata", Keys.Manager, HttpStatusCode.Forbidden, "scope")]
    public async Task What_the_host_refuses_is_told_so_too(string method, string path, string? key, HttpStatusCode status, string part)
    {
        using var application = Keys.Application();
        using var client = application.ClientOf(key);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        Assert.Contains(part, (string)Assert.Single(error, member => member.Key == "error").Value!, StringComparison.Ordinal);
    }

    static string ShapeOf(JsonNode tensor) =>
        string.Join(',', tensor["tensor_shape"]!["dim"]!.AsArray().Select(dimension => (string)dimension!["size"]!));
}
