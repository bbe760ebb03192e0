using System.Net;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

public sealed class ChoiceTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Generate = "/api/v1/models/austen/generate";

    readonly HttpClient _client = application.CreateClient();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_generation_tells_neither_tokens_nor_choices()
    {
        var reply = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 5, seed = 1 });

        Assert.Equal(["model", "version", "step", "text", "finish", "seed"], reply.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_alternatives()
    {
        var reply = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 12, seed = 1, logProbabilities = 3 });

        var tokens = reply["tokens"]!.AsArray();
        Assert.Equal((string)reply["text"]!, string.Concat(tokens.Select(token => (string)token!["text"]!)));
        Assert.All(tokens, token => Assert.Equal(3, token!["top"]!.AsArray().Count));
        Assert.All(tokens, token => Assert.InRange((double)token!["logProbability"]!, -30, (double)token["top"]![0]!["logProbability"]!));
        Assert.Null(reply["choices"]);

        var zero = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 12, seed = 1, logProbabilities = 0 });
        Assert.All(zero["tokens"]!.AsArray(), token => Assert.Null(token!["top"]));
        Assert.Equal(tokens.Select(token => (double)token!["logProbability"]!), zero["tokens"]!.AsArray().Select(token => (double)token!["logProbability"]!));
    }

    [Fact]
    public async Task An_echo_begins_with_the_prompt()
    {
        var plain = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 12, seed = 1 });
        var reply = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 12, seed = 1, logProbabilities = 0, echo = true });

        Assert.Equal("Emma" + (string)plain["text"]!, (string)reply["text"]!);
        Assert.Equal(16, reply["tokens"]!.AsArray().Count);
        Assert.Null(reply["tokens"]![0]!["logProbability"]);
        Assert.NotNull(reply["tokens"]![1]!["logProbability"]);
    }

    [Fact]
    public async Task Several_choices_come_with_seeds_that_draw_them_again()
    {
        var reply = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 20, n = 3, logProbabilities = 1 });

        var choices = reply["choices"]!.AsArray();
        Assert.Equal([0, 1, 2], choices.Select(choice => (int)choice!["index"]!));
        foreach (var name in new[] { "text", "finish", "seed", "tokens" })
        {
            Assert.True(JsonNode.DeepEquals(reply[name], choices[0]![name]), name);
        }

        foreach (var choice in choices)
        {
            var again = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 20, seed = (ulong)choice!["seed"]! });
            Assert.Equal((string)again["text"]!, (string)choice["text"]!);
        }
    }

    [Fact]
    public async Task The_best_of_some_are_told_in_their_order()
    {
        var reply = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 20, n = 2, bestOf = 6, seed = 3 });
        var one = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 20, bestOf = 6, seed = 3 });

        var scores = reply["choices"]!.AsArray().Select(choice => (double)choice!["score"]!).ToList();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal((string)reply["text"]!, (string)one["text"]!);
        Assert.Equal((ulong)reply["seed"]!, (ulong)one["seed"]!);
        Assert.Null(one["choices"]);
    }

    [Fact]
    public async Task A_beam_search_finds_a_text_more_probable_than_the_greedy_one()
    {
        var greedy = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 16, beams = 1 });
        var zero = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 16, temperature = 0 });
        var reply = await PostAsync(_client, Generate, new { text = "Emma", maxLength = 16, beams = 12, n = 3, lengthPenalty = 0.6 });

        Assert.Equal((string)zero["text"]!, (string)greedy["text"]!);
        Assert.Equal(3, reply["choices"]!.AsArray().Count);
        Assert.True((double)reply["choices"]![0]!["logProbability"]! > (double)greedy["choices"]![0]!["logProbability"]!);
        Assert.Null(reply["seed"]);
    }

    [Theory]
    [InlineData("""{"text":"Emma","maxLength":9,"seed":4,"n":3,"logProbabilities":1,"stream":true}""")]
    [InlineData("""{"text":"Emma","maxLength":9,"seed":4,"n":2,"bestOf":4,"stream":true,"echo":true}""")]
    [InlineData("""{"text":"Emma","maxLength":9,"beams":4,"n":2,"stream":true}""")]
    public async Task A_stream_tells_the_choices_that_the_whole_reply_tells(string body)
    {
        var whole = await PostAsync(_client, Generate, body.Replace(",\"stream\":true", "", StringComparison.Ordinal));

        var events = await StreamAsync(_client, Generate, body);

        foreach (var choice in whole["choices"]!.AsArray())
        {
            var told = events.SkipLast(1).Where(item => (int)item["choice"]! == (int)choice!["index"]!).ToList();
            Assert.Equal((string)choice!["text"]!, string.Concat(told.Select(item => (string)item["text"]!)));
            Assert.Equal(
                choice["tokens"]?.AsArray().Select(token => (double)token!["logProbability"]!) ?? [],
                told.Where(item => item["logProbability"] is not null).Select(item => (double)item["logProbability"]!));
            Assert.True(JsonNode.DeepEquals(choice["score"], events[^1]["choices"]![(int)choice["index"]!]!["score"]));
        }

        Assert.Equal((string)whole["finish"]!, (string)events[^1]["finish"]!);
        Assert.Equal((long)whole["step"]!, (long)events[^1]["step"]!);
    }

    [Theory]
    [InlineData("""{"text":"Emma","maxLength":9,"n":3}""")]
    [InlineData("""{"text":"Emma","maxLength":9,"n":3,"stream":true}""")]
    [InlineData("""{"text":"Emma","maxLength":9,"bestOf":3}""")]
    [InlineData("""{"text":"Emma","maxLength":9,"beams":3,"n":2,"stream":true}""")]
    public async Task A_session_goes_on_along_the_first_once_however_often_the_call_is_sent(string body)
    {
        var session = await NewSessionAsync(_client, "austen");
        var (first, isFirst) = await SendAsync(session, body);
        var (again, isAgain) = await SendAsync(session, body);

        Assert.Equal((false, true), (isFirst, isAgain));
        Assert.Equal(first, again);
        Assert.Equal(13, (long)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    [Fact]
    public async Task Without_commit_the_session_stays()
    {
        var session = await NewSessionAsync(_client, "austen");

        var reply = await PostAsync(_client, $"/api/v1/sessions/{session}/generate", new { text = "Emma", maxLength = 9, n = 3, commit = false });

        Assert.Equal(13, (long)reply["step"]!);
        Assert.Equal(0, (long)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    [Fact]
    public async Task A_score_tells_tokens_and_sums_and_moves_nothing()
    {
        var likely = await PostAsync(_client, "/api/v1/models/austen/score", new { text = "She was happy.", top = 2 });
        var unlikely = await PostAsync(_client, "/api/v1/models/austen/score", new { text = "yppah saw ehS." });
        var session = await NewSessionAsync(_client, "austen");
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "She was" });
        var rest = await PostAsync(_client, $"/api/v1/sessions/{session}/score", new { text = " happy." });

        Assert.Equal("She was happy.", string.Concat(likely["tokens"]!.AsArray().Select(token => (string)token!["text"]!)));
        Assert.Equal(2, likely["tokens"]![3]!["top"]!.AsArray().Count);
        Assert.True((double)likely["perplexity"]! < (double)unlikely["perplexity"]!);
        Assert.Equal(Math.Log2((double)likely["perplexity"]!), (double)likely["bitsPerToken"]!, 1e-9);
        Assert.Equal((7, 7L), ((int)rest["scored"]!, (long)rest["step"]!));
        Assert.Equal(7, (long)(await GetAsync(_client, $"/api/v1/sessions/{session}"))["step"]!);
    }

    [Theory]
    [InlineData("austen/generate", """{"text":"a","logProbabilities":21}""", "/logProbabilities")]
    [InlineData("austen/generate", """{"text":"a","logProbabilities":true}""", "/logProbabilities")]
    [InlineData("austen/generate", """{"text":"a","n":0}""", "/n")]
    [InlineData("austen/generate", """{"text":"a","n":17}""", "/n")]
    [InlineData("austen/generate", """{"text":"a","n":2147483648}""", "/n")]
    [InlineData("austen/generate", """{"text":"a","n":3,"bestOf":2}""", "/bestOf")]
    [InlineData("austen/generate", """{"text":"a","beams":65}""", "/beams")]
    [InlineData("austen/generate", """{"text":"a","beams":2,"n":3}""", "/n")]
    [InlineData("austen/generate", """{"text":"a","beams":2,"temperature":0.5}""", "/temperature")]
    [InlineData("austen/generate", """{"text":"a","beams":2,"topK":5}""", "/topK")]
    [InlineData("austen/generate", """{"text":"a","beams":2,"topP":0.5}""", "/topP")]
    [InlineData("austen/generate", """{"text":"a","beams":2,"seed":5}""", "/seed")]
    [InlineData("austen/generate", """{"text":"a","beams":2,"lengthPenalty":1e999}""", "/lengthPenalty")]
    [InlineData("austen/generate", """{"text":"a","lengthPenalty":1}""", "/lengthPenalty")]
    [InlineData("austen/generate", """{"text":"a","beams":64,"maxLength":4096}""", "/maxLength")]
    [InlineData("austen/generate", """{"text":"a","beams":64,"maxLength":4096,"stream":true}""", "/maxLength")]
    [InlineData("austen/score", "{}", "")]
    [InlineData("austen/score", """{"text":"a","top":21}""", "/top")]
    [InlineData("austen/score", """{"text":"a","commit":false}""", "/commit")]
    [InlineData("austen/score", """{"tokens":[-1]}""", "/tokens/0")]
    [InlineData("names/score", """{"text":"Rossi"}""", null, HttpStatusCode.UnprocessableEntity)]
    [InlineData("temperature/score", """{"text":"warm"}""", null, HttpStatusCode.UnprocessableEntity)]
    public async Task What_can_not_be_done_is_answered_with_the_place(
        string path, string body, string? pointer, HttpStatusCode status = HttpStatusCode.BadRequest)
    {
        var problem = await PostAsync(_client, $"/api/v1/models/{path}", body, status);

        Assert.Equal(pointer, (string?)problem["errors"]?[0]!["pointer"]);
    }

    async Task<(byte[] Body, bool IsReplay)> SendAsync(string session, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/sessions/{session}/generate");
        request.Headers.Add("Idempotency-Key", "k");
        request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request, Aborted);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsByteArrayAsync(Aborted), response.Headers.Contains("Idempotency-Replayed"));
    }
}
