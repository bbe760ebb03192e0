using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.OpenInference.OipClient;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>The generate extension.</summary>
public sealed class GenerateTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Body = """{"id":"g","text_input":"It is","parameters":{"max_tokens":20,"temperature":0.7,"top_p":0.9,"seed":7,"unknown":true}}""";

    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task A_text_is_that_of_the_native_protocol()
    {
        var native = await RnnApplication.PostAsync(
            _client, "/api/v1/models/austen/generate", """{"text":"It is","maxLength":20,"temperature":0.7,"topP":0.9,"seed":7}""");

        foreach (var path in new[] { "/v2/models/austen/generate", "/v2/models/austen/versions/1/generate" })
        {
            var reply = await SendAsync(_client, "POST", path, Body);

            Assert.Equal((string?)native["text"], (string?)reply["text_output"]);
            Assert.Equal(("g", "austen", "1"), ((string?)reply["id"], (string?)reply["model_name"], (string?)reply["model_version"]));
        }
    }

    [Fact]
    public async Task A_stream_is_data_alone_and_its_pieces_are_the_text()
    {
        using var content = new StringContent(Body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri("/v2/models/austen/generate_stream", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.All(text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("data: {", line, StringComparison.Ordinal));
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var pieces = await SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken)
            .Select(item => (string?)JsonNode.Parse(item.Data)!["text_output"]).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(20, pieces.Count);
        Assert.Equal((string?)(await SendAsync(_client, "POST", "/v2/models/austen/generate", Body))["text_output"], string.Concat(pieces));
    }

    [Fact]
    public async Task An_encoder_decoder_reads_its_source() =>
        Assert.Equal("2020-05-03", (string?)(await SendAsync(
            _client, "POST", "/v2/models/dates/generate", """{"text_input":"3 May 2020","parameters":{"temperature":0}}"""))["text_output"]);

    [Theory]
    [InlineData("generate", "air", """{"text_input":"a"}""")]
    [InlineData("generate", "austen", """{"text_input":7}""")]
    [InlineData("generate", "austen", "{}")]
    [InlineData("generate", "austen", """{"text_input":"a","parameters":{"temperature":"hot"}}""")]
    [InlineData("generate", "austen", """{"text_input":"a","parameters":{"temperature":11}}""")]
    [InlineData("generate", "austen", """{"text_input":"a","parameters":{"max_length":1000000000}}""")]
    [InlineData("generate", "austen", """{"text_input":"a","parameters":{"sequence_id":"s"}}""")]
    [InlineData("generate_stream", "austen", """{"text_input":"\u0001"}""")]
    [InlineData("generate", "austen", """{"text_input":"a","parameters":{"max_tokens":"\ud800"}}""")]
    public async Task What_can_not_be_generated_is_refused(string operation, string model, string body) =>
        await SendAsync(_client, "POST", $"/v2/models/{model}/{operation}", body, HttpStatusCode.BadRequest);
}
