using System.Net;
using Microsoft.AspNetCore.Mvc;
using Rnn.Api.OpenAi;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>Whatever goes wrong under /v1 is told in OpenAI's shape, with the parameter that is at fault.</summary>
public sealed class ErrorTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("temperature", "3")]
    [InlineData("temperature", "-0.1")]
    [InlineData("temperature", "\"hot\"", "invalid_json")]
    [InlineData("top_p", "1.1")]
    [InlineData("max_tokens", "-1")]
    [InlineData("max_tokens", "5000")]
    [InlineData("max_tokens", "1.5", "invalid_json")]
    [InlineData("n", "0")]
    [InlineData("n", "129")]
    [InlineData("best_of", "21")]
    [InlineData("best_of", "-1")]
    [InlineData("logprobs", "6")]
    [InlineData("logprobs", "true", "invalid_json")]
    [InlineData("presence_penalty", "2.1")]
    [InlineData("frequency_penalty", "-2.1")]
    [InlineData("stop", """["a","b","c","d","e"]""")]
    [InlineData("stop", "\"\"")]
    [InlineData("stop", "7", "invalid_json")]
    [InlineData("logit_bias", """{"a": 1}""")]
    [InlineData("logit_bias", """{"9999": 1}""")]
    [InlineData("logit_bias", """{"1": 101}""")]
    [InlineData("logit_bias", """{"1": 5, "01": 5}""")]
    [InlineData("seed", "1.5", "invalid_json")]
    [InlineData("stream_options", """{"include_usage": true}""")]
    [InlineData("suffix", "\"x\"", "not_supported")]
    [InlineData("tools", "[]", "not_supported")]
    [InlineData("messages", "[]", "not_supported")]
    [InlineData("top_k", "4", "not_supported")]
    [InlineData("session", "\"a\"", "not_supported")]
    public async Task A_parameter_that_can_not_be_had_is_named(string name, string value, string code = "invalid_input")
    {
        using var reply = await Exchange.SendAsync(_client, "/v1/completions", $$"""{"model":"austen","prompt":"Emma","{{name}}":{{value}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        var error = await Exchange.ErrorOf(reply);
        Assert.Equal(name, (string?)error["param"]);
        Assert.Equal(code, (string?)error["code"]);
        Assert.Equal("invalid_request_error", (string)error["type"]!);
    }

    [Theory]
    [InlineData("""{"prompt":"Emma"}""", "model")]
    [InlineData("""{"model":"austen"}""", "prompt")]
    [InlineData("""{"model":"austen","prompt":null,"max_tokens":0}""", "prompt")]
    [InlineData("""{"model":"austen","prompt":[]}""", "prompt", "invalid_json")]
    [InlineData("""{"model":"austen","prompt":[[]]}""", "prompt", "invalid_json")]
    [InlineData("""{"model":"austen","prompt":[1,"a"]}""", "prompt", "invalid_json")]
    [InlineData("""{"model":"austen","prompt":{}}""", "prompt", "invalid_json")]
    [InlineData("""{"model":"austen","prompt":[1,9999]}""", "prompt")]
    [InlineData("""{"model":"austen","prompt":["Emma","\u4e16"]}""", "prompt[1]")]
    [InlineData("""{"model":"austen","prompt":"Emma","n":3,"best_of":2}""", "best_of")]
    [InlineData("""{"model":"austen","prompt":"Emma","n":2,"best_of":2}""", "best_of")]
    [InlineData("""{"model":"austen","prompt":"Emma","best_of":2,"stream":true}""", "best_of")]
    [InlineData("""{"model":"austen","prompt":"Emma","n":128,"max_tokens":4096}""", "max_tokens")]
    [InlineData("""{"model":"names","prompt":"Emma"}""", "model", "not_supported")]
    [InlineData("""{"model":"dates","prompt":"14/7/1989","echo":true}""", "echo", "not_supported")]
    [InlineData("""{"model":"dates","prompt":"14/7/1989","max_tokens":0}""", "max_tokens")]
    [InlineData("""{"model":"austen","prompt":"Emma","stream":true,"temperature":3}""", "temperature")]
    public async Task What_does_not_go_together_is_named(string body, string parameter, string code = "invalid_input")
    {
        using var reply = await Exchange.SendAsync(_client, "/v1/completions", body);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        var error = await Exchange.ErrorOf(reply);
        Assert.Equal(parameter, (string?)error["param"]);
        Assert.Equal(code, (string?)error["code"]);
    }

    [Theory]
    [InlineData("""{"input":"Emma"}""", "model")]
    [InlineData("""{"model":"names"}""", "input")]
    [InlineData("""{"model":"names","input":null}""", "input")]
    [InlineData("""{"model":"names","input":""}""", "input")]
    [InlineData("""{"model":"names","input":["Emma",""]}""", "input[1]")]
    [InlineData("""{"model":"names","input":[]}""", "input", "invalid_json")]
    [InlineData("""{"model":"names","input":"Emma","encoding_format":"int8"}""", "encoding_format")]
    [InlineData("""{"model":"names","input":"Emma","dimensions":64}""", "dimensions")]
    [InlineData("""{"model":"dates","input":"14/7/1989"}""", "model", "not_supported")]
    public async Task An_embedding_that_can_not_be_had_is_refused_by_name(string body, string parameter, string code = "invalid_input")
    {
        using var reply = await Exchange.SendAsync(_client, "/v1/embeddings", body);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        var error = await Exchange.ErrorOf(reply);
        Assert.Equal(parameter, (string?)error["param"]);
        Assert.Equal(code, (string?)error["code"]);
    }

    [Theory]
    [InlineData("POST", "/v1/completions", """{"model":"gpt-4","prompt":"Emma"}""")]
    [InlineData("POST", "/v1/completions", """{"model":"temperature","prompt":"Emma"}""")]
    [InlineData("POST", "/v1/embeddings", """{"model":"gpt-4","input":"Emma"}""")]
    [InlineData("GET", "/v1/models/gpt-4", null)]
    [InlineData("GET", "/v1/models/temperature", null)]
    public async Task A_model_that_is_not_there_is_not_found(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var reply = await _client.SendAsync(request, Aborted);

        Assert.Equal(HttpStatusCode.NotFound, reply.StatusCode);
        var error = await Exchange.ErrorOf(reply);
        Assert.Equal("model_not_found", (string?)error["code"]);
        Assert.Equal("model", (string?)error["param"]);
        Assert.Equal("false", Assert.Single(reply.Headers.GetValues("x-should-retry")));
    }

    [Theory]
    [InlineData("GET", "/v1/chat", HttpStatusCode.NotFound, "no_such_route")]
    [InlineData("POST", "/v1/chat/completions", HttpStatusCode.NotFound, "no_such_route")]
    [InlineData("GET", "/v1", HttpStatusCode.NotFound, "no_such_route")]
    [InlineData("GET", "/v1/completions", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    [InlineData("DELETE", "/v1/models/austen", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    public async Task A_route_that_is_not_there_is_told_in_the_same_shape(string method, string path, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var reply = await _client.SendAsync(request, Aborted);

        Assert.Equal(status, reply.StatusCode);
        var error = await Exchange.ErrorOf(reply);
        Assert.Equal(code, (string?)error["code"]);
        Assert.Null(error["param"]);
    }

    [Theory]
    [InlineData("{\"model\":")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{\"model\":\"austen\",\"model\":\"austen\",\"prompt\":\"a\"}")]
    public async Task A_body_that_is_no_JSON_object_is_told_so(string body)
    {
        foreach (var path in new[] { "/v1/completions", "/v1/embeddings" })
        {
            using var reply = await Exchange.SendAsync(_client, path, body);

            Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
            Assert.Equal("invalid_json", (string?)(await Exchange.ErrorOf(reply))["code"]);
        }
    }

    [Fact]
    public async Task Another_media_type_is_refused()
    {
        using var reply = await Exchange.SendAsync(_client, "/v1/completions", "model=austen", "application/x-www-form-urlencoded");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, reply.StatusCode);
        Assert.Equal("unsupported_media_type", (string?)(await Exchange.ErrorOf(reply))["code"]);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var application = new RnnApplication { Settings = { ["Server:MaxBodyBytes"] = "1024" } };
        using var client = application.StartOnSocket();

        using var reply = await Exchange.SendAsync(client, "/v1/completions", new { model = "austen", prompt = new string('a', 2_000) });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.StatusCode);
        Assert.Equal("body_too_large", (string?)(await Exchange.ErrorOf(reply))["code"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_too_busy_says_when_to_come_again(bool stream)
    {
        using var application = new RnnApplication { Settings = { ["Batching:MaxBatchSize"] = "1", ["Batching:QueueLimit"] = "1" } };
        using var client = application.CreateClient();
        var body = new { model = "austen", prompt = new string('a', 1_000), max_tokens = 1, stream };
        HttpResponseMessage? refusal = null;
        while (refusal is null)                            // until one finds that another is waiting
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Exchange.SendAsync(client, "/v1/completions", body)));
            refusal = Array.Find(replies, reply => !reply.IsSuccessStatusCode);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refusal.StatusCode);
        Assert.Equal("true", Assert.Single(refusal.Headers.GetValues("x-should-retry")));
        Assert.Equal("1", Assert.Single(refusal.Headers.GetValues("Retry-After")));
        var error = await Exchange.ErrorOf(refusal);
        Assert.Equal("server_error", (string)error["type"]!);
        Assert.Equal("overloaded", (string?)error["code"]);
    }

    [Fact]
    public void A_fault_of_ours_is_a_server_error()
    {
        var error = OpenAiError.Of(new ProblemDetails { Status = 500, Title = "An error occurred." }).Error;

        Assert.Equal(("An error occurred.", "server_error", null, null), (error.Message, error.Type, error.Param, error.Code));
    }

    [Fact]
    public async Task Problems_of_other_routes_are_problems_still()
    {
        using var reply = await _client.GetAsync(new Uri("/v10/models", UriKind.Relative), Aborted);

        Assert.Equal("application/problem+json", reply.Content.Headers.ContentType?.MediaType);
        Assert.False(reply.Headers.Contains("x-request-id"));
    }
}
