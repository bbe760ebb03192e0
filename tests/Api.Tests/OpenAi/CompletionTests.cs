using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>Completions are what the native protocol generates, in OpenAI's words.</summary>
public sealed class CompletionTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task A_completion_has_the_members_of_the_reference_and_no_others()
    {
        var reply = await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = "Emma", seed = 1 });

        Assert.Equal(
            ["id", "object", "created", "model", "system_fingerprint", "choices", "usage"], reply.AsObject().Select(member => member.Key));
        Assert.StartsWith("cmpl-", (string)reply["id"]!, StringComparison.Ordinal);
        Assert.Equal("text_completion", (string)reply["object"]!);
        Assert.Equal(application.Time.GetUtcNow().ToUnixTimeSeconds(), (long)reply["created"]!);
        var choice = Assert.Single(reply["choices"]!.AsArray())!.AsObject();
        Assert.Equal(["text", "index", "logprobs", "finish_reason"], choice.Select(member => member.Key));
        Assert.Equal(16, ((string)choice["text"]!).Length);
        Assert.Equal("""{"prompt_tokens":4,"completion_tokens":16,"total_tokens":20}""", reply["usage"]!.ToJsonString());
    }

    [Fact]
    public async Task Every_way_to_draw_tells_the_text_of_the_native_protocol()
    {
        var (completion, native) = (
            new { model = "austen", prompt = "She was", max_tokens = 60, seed = 7, temperature = 1.3, top_p = 0.9, presence_penalty = 0.5, frequency_penalty = 0.2, n = 3, stop = ".", logprobs = 2 },
            new { text = "She was", maxLength = 60, seed = 7, temperature = 1.3, topP = 0.9, presencePenalty = 0.5, frequencyPenalty = 0.2, n = 3, stop = new[] { "." }, logProbabilities = 2 });

        var choices = (await Exchange.PostAsync(_client, "/v1/completions", completion))["choices"]!.AsArray();
        var expected = (await RnnApplication.PostAsync(_client, "/api/v1/models/austen/generate", native))["choices"]!.AsArray();

        foreach (var (choice, generation) in choices.Zip(expected))
        {
            Assert.Equal((string)generation!["text"]!, (string)choice!["text"]!);
            Assert.Equal((string)generation["finish"]!, (string)choice["finish_reason"]!);
            Assert.Equal(
                generation["tokens"]!.AsArray().Select(token => (float)token!["logProbability"]!),
                choice["logprobs"]!["token_logprobs"]!.AsArray().Select(score => (float)score!));
        }
    }

    [Fact]
    public async Task As_many_choices_are_told_as_the_reference_allows()
    {
        var reply = await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = "Emma", max_tokens = 2, n = 128 });

        Assert.Equal(Enumerable.Range(0, 128), reply["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.Equal(256, (int)reply["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task The_best_of_several_are_those_of_the_native_protocol()
    {
        var choices = (await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = "Emma", max_tokens = 20, seed = 3, n = 2, best_of = 5 }))["choices"]!.AsArray();
        var expected = (await RnnApplication.PostAsync(_client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 20, seed = 3, n = 2, bestOf = 5 }))["choices"]!.AsArray();

        Assert.Equal(expected.Select(choice => (string)choice!["text"]!), choices.Select(choice => (string)choice!["text"]!));
    }

    [Fact]
    public async Task A_prompt_is_the_same_as_text_and_as_tokens_alone_and_among_others()
    {
        var tokens = await TokensOf("Emma");
        var alone = await TextsOf("Emma");

        Assert.Equal(alone, await TextsOf(tokens));
        Assert.Equal(alone, await TextsOf(new[] { tokens }));
        Assert.Equal(alone, await TextsOf(new[] { "Emma" }));
        Assert.Equal([.. alone, .. await TextsOf("Mr. Darcy")], await TextsOf(new[] { "Emma", "Mr. Darcy" }));
    }

    [Fact]
    public async Task Echo_tells_the_prompt_before_each_choice()
    {
        var plain = await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = "Emma", max_tokens = 8, seed = 2, n = 2 });
        var echoed = await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = "Emma", max_tokens = 8, seed = 2, n = 2, echo = true, logprobs = 0 });

        Assert.Equal(
            plain["choices"]!.AsArray().Select(choice => $"Emma{choice!["text"]}"), echoed["choices"]!.AsArray().Select(choice => (string)choice!["text"]!));
        Assert.Equal(plain["usage"]!.ToJsonString(), echoed["usage"]!.ToJsonString());
        Assert.All(echoed["choices"]!.AsArray(), choice =>
        {
            Assert.Equal(Enumerable.Range(0, 12), choice!["logprobs"]!["text_offset"]!.AsArray().Select(offset => (int)offset!));
            Assert.Null(choice["logprobs"]!["token_logprobs"]![0]);
            Assert.All(choice["logprobs"]!["top_logprobs"]!.AsArray().Skip(1), top => Assert.Single(top!.AsObject()));
        });
    }

    [Fact]
    public async Task Echo_without_tokens_scores_as_the_native_protocol_does()
    {
        var reply = await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = new[] { "Emma", "Hartfield" }, max_tokens = 0, echo = true, logprobs = 2, n = 2 });
        var expected = await RnnApplication.PostAsync(_client, "/api/v1/models/austen/score", new { text = "Hartfield", top = 2 });

        var choices = reply["choices"]!.AsArray();
        Assert.Equal(["Emma", "Emma", "Hartfield", "Hartfield"], choices.Select(choice => (string)choice!["text"]!));
        var scores = choices[3]!["logprobs"]!["token_logprobs"]!.AsArray();
        Assert.Null(scores[0]);
        Assert.Equal(expected["tokens"]!.AsArray().Skip(1).Select(token => (float)token!["logProbability"]!), scores.Skip(1).Select(score => (float)score!));
        Assert.Equal("""{"prompt_tokens":13,"completion_tokens":0,"total_tokens":13}""", reply["usage"]!.ToJsonString());
    }

    [Fact]
    public async Task No_tokens_and_no_echo_is_no_text()
    {
        var reply = await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt = "Emma", max_tokens = 0 });

        Assert.Equal("""[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}]""", reply["choices"]!.ToJsonString());
        Assert.Equal(4, (int)reply["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task An_encoder_decoder_reads_the_prompt_as_its_source_and_ends_by_itself()
    {
        var reply = await Exchange.PostAsync(_client, "/v1/completions", new { model = "dates", prompt = "Fri, the 5th of March 2021", temperature = 0 });

        Assert.Equal("""[{"text":"2021-03-05","index":0,"logprobs":null,"finish_reason":"stop"}]""", reply["choices"]!.ToJsonString());
        Assert.Equal("""{"prompt_tokens":27,"completion_tokens":10,"total_tokens":37}""", reply["usage"]!.ToJsonString());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public async Task No_prompt_begins_with_what_the_model_tells_by_itself(string prompt)
    {
        var reply = await Exchange.PostAsync(_client, "/v1/completions", $$"""{"model":"austen","prompt":{{prompt}},"seed":1}""");
        var native = await RnnApplication.PostAsync(_client, "/api/v1/models/austen/generate", new { maxLength = 16, seed = 1 });

        Assert.Equal((string)native["text"]!, (string)reply["choices"]![0]!["text"]!);
        Assert.Equal(1, (int)reply["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task The_least_top_p_takes_the_most_probable_token()
    {
        var greedy = await Exchange.CompleteAsync(_client, new { model = "austen", prompt = "Emma", temperature = 0 });

        var least = await Exchange.CompleteAsync(_client, new { model = "austen", prompt = "Emma", top_p = 0 });

        Assert.Equal((string)greedy["text"]!, (string)least["text"]!);
    }

    [Fact]
    public async Task A_negative_seed_is_a_seed_too()
    {
        var body = new { model = "austen", prompt = "Emma", seed = -1L };

        Assert.Equal((string)(await Exchange.CompleteAsync(_client, body))["text"]!, (string)(await Exchange.CompleteAsync(_client, body))["text"]!);
        Assert.NotEqual((string)(await Exchange.CompleteAsync(_client, body))["text"]!, (string)(await Exchange.CompleteAsync(_client, body with { seed = -2 }))["text"]!);
    }

    [Fact]
    public async Task Nulls_and_members_that_nobody_knows_change_nothing()
    {
        var plain = await Exchange.CompleteAsync(_client, """{"model":"austen","prompt":"Emma","seed":1}""");

        var other = await Exchange.CompleteAsync(
            _client,
            """
            {"model":"austen","prompt":"Emma","seed":1,"max_tokens":null,"temperature":null,"top_p":null,"n":null,"best_of":null,"stream":null,
             "stream_options":null,"logprobs":null,"echo":null,"stop":null,"presence_penalty":null,"frequency_penalty":null,"logit_bias":null,
             "suffix":null,"user":"me","newest":{"a":[1]}}
            """);

        Assert.Equal(plain.ToJsonString(), other.ToJsonString());
    }

    [Fact]
    public async Task The_defaults_may_be_given()
    {
        var plain = await Exchange.CompleteAsync(_client, """{"model":"austen","prompt":"Emma","seed":1}""");

        var given = await Exchange.CompleteAsync(
            _client, """{"model":"austen","prompt":"Emma","seed":1,"max_tokens":16,"temperature":1,"top_p":1,"n":1,"best_of":1,"echo":false,"stream":false,"logit_bias":{}}""");

        Assert.Equal(plain.ToJsonString(), given.ToJsonString());
    }

    [Fact]
    public async Task Each_token_of_a_stream_has_its_log_probability_and_its_place()
    {
        var body = new { model = "austen", prompt = "Emma", seed = 1, logprobs = 2, echo = true, max_tokens = 6 };
        var whole = (await Exchange.CompleteAsync(_client, body))["logprobs"]!;

        var chunks = (await Exchange.StreamAsync(_client, new { body.model, body.prompt, body.seed, body.logprobs, body.echo, body.max_tokens, stream = true })).SkipLast(1);

        var told = chunks.Select(chunk => JsonNode.Parse(chunk)!["choices"]![0]!["logprobs"]).ToList();
        Assert.Null(told[^1]);                             // the end of the choice, which is no token
        foreach (var (name, values) in whole.AsObject())
        {
            Assert.Equal(values!.ToJsonString(), new JsonArray([.. told.SkipLast(1).Select(chunk => chunk![name]![0]?.DeepClone())]).ToJsonString());
        }
    }

    [Fact]
    public async Task A_stream_tells_obfuscation_to_nobody()
    {
        var data = await Exchange.StreamAsync(
            _client, new { model = "austen", prompt = "Emma", stream = true, stream_options = new { include_obfuscation = true, include_usage = false, newest = 1 } });

        Assert.Equal("[DONE]", data[^1]);
        Assert.Equal(18, data.Count);
        Assert.All(data.SkipLast(1), chunk => Assert.Equal(
            ["id", "object", "created", "model", "system_fingerprint", "choices"], JsonNode.Parse(chunk)!.AsObject().Select(member => member.Key)));
    }

    async Task<List<string>> TextsOf(object prompt) =>
        [.. (await Exchange.PostAsync(_client, "/v1/completions", new { model = "austen", prompt, seed = 4 }))["choices"]!.AsArray().Select(choice => (string)choice!["text"]!)];

    async Task<int[]> TokensOf(string text) =>
        [.. (await RnnApplication.PostAsync(_client, "/api/v1/models/austen/score", new { text }))["tokens"]!.AsArray().Select(token => (int)token!["token"]!)];
}
