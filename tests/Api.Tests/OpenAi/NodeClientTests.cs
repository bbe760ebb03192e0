using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>OpenAI's client for Node, as it comes, is pointed at the server and finds what it expects.</summary>
public sealed class NodeClientTests : IDisposable
{
    const string Prompt = "It is a truth universally";

    // Far more than is generated while a test runs.
    const int Endless = 1_000_000;

    readonly RnnApplication _application = new() { Settings = { ["Limits:MaxGeneratedLength"] = $"{Endless}" } };
    readonly HttpClient _client;

    public NodeClientTests() => _client = _application.StartOnSocket();

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task The_models_are_listed_and_told_one_by_one()
    {
        var told = await RunAsync("models");

        Assert.Equal(["austen", "dates", "names"], told["ids"]!.AsArray().Select(id => (string)id!));
        Assert.Equal("austen", (string)told["one"]!["id"]!);
        Assert.Equal("rnn", (string)told["one"]!["owned_by"]!);
    }

    [Fact]
    public async Task The_same_seed_tells_the_same_text_and_the_usage_adds_up()
    {
        var (first, again) = (await RunAsync("twice")).AsArray() is [{ } one, { } two] ? (one, two) : throw new InvalidOperationException("There are two.");

        Assert.Equal((string)first["choices"]![0]!["text"]!, (string)again["choices"]![0]!["text"]!);
        Assert.NotEqual((string)first["id"]!, (string)again["id"]!);
        Assert.Equal("length", (string)first["choices"]![0]!["finish_reason"]!);
        Assert.Equal("text_completion", (string)first["object"]!);
        Assert.Equal((Prompt.Length, 7, Prompt.Length + 7), UsageOf(first));
    }

    [Fact]
    public async Task A_stream_joins_to_the_same_text_and_each_choice_ends_once()
    {
        var told = await RunAsync("stream");

        var chunks = told["chunks"]!.AsArray();
        var choices = chunks.SelectMany(chunk => chunk!["choices"]!.AsArray()).ToList();
        Assert.Equal((string)told["whole"]!["choices"]![0]!["text"]!, string.Concat(choices.Select(choice => (string)choice!["text"]!)));
        Assert.Equal(["length"], choices.Select(choice => (string?)choice!["finish_reason"]).OfType<string>());
        Assert.Single(chunks.Select(chunk => (string)chunk!["id"]!).Distinct());
        Assert.All(chunks, chunk => Assert.Equal("text_completion", (string)chunk!["object"]!));
        Assert.All(chunks, chunk => Assert.False(chunk!.AsObject().ContainsKey("usage")));
    }

    [Fact]
    public async Task A_stream_is_data_only_and_its_last_line_is_DONE()
    {
        var told = await RunAsync("lastLine");

        Assert.StartsWith("text/event-stream", (string)told["type"]!, StringComparison.Ordinal);
        var lines = told["lines"]!.AsArray().Select(line => (string)line!).ToList();
        Assert.All(lines, line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
        Assert.Equal("data: [DONE]", lines[^1]);
    }

    [Fact]
    public async Task The_usage_of_a_stream_is_its_last_chunk_the_only_one_without_choices()
    {
        var chunks = (await RunAsync("usage")).AsArray();

        Assert.Equal(chunks.Count - 1, Assert.Single(chunks.Index(), chunk => chunk.Item!["choices"]!.AsArray().Count == 0).Index);
        Assert.Equal((Prompt.Length, 7, Prompt.Length + 7), UsageOf(chunks[^1]!));
        Assert.All(chunks.SkipLast(1), chunk => Assert.True(chunk!.AsObject().TryGetPropertyValue("usage", out var usage) && usage is null));
    }

    [Fact]
    public async Task A_stop_string_over_two_tokens_ends_the_text_and_none_of_it_is_told()
    {
        var told = await RunAsync("stop");

        var (whole, stop) = ((string)told["whole"]!, (string)told["stop"]!);
        var expected = whole[..whole.IndexOf(stop, StringComparison.Ordinal)];
        Assert.Equal(2, stop.Length);                      // each character is a token
        Assert.Equal(expected, (string)told["stopped"]!["text"]!);
        Assert.Equal("stop", (string)told["stopped"]!["finish_reason"]!);
        Assert.Equal(expected, (string)told["streamed"]!);
        Assert.Equal("stop", (string)told["last"]!["finish_reason"]!);
    }

    [Fact]
    public async Task Two_choices_are_told_apart_in_a_stream()
    {
        var told = await RunAsync("several");

        var whole = told["whole"]!.AsArray();
        Assert.Equal([0, 1], whole.Select(choice => (int)choice!["index"]!));
        Assert.Equal(whole.Select(choice => (string)choice!["text"]!), told["texts"]!.AsArray().Select(text => (string)text!));
        Assert.NotEqual((string)whole[0]!["text"]!, (string)whole[1]!["text"]!);
        Assert.Equal([0, 1, 0, 1], told["indexes"]!.AsArray().Take(4).Select(index => (int)index!));
    }

    [Fact]
    public async Task Each_prompt_has_its_choices_whole_and_streamed()
    {
        var told = await RunAsync("prompts");

        var whole = told["whole"]!.AsArray();
        Assert.Equal([0, 1, 2, 3], whole.Select(choice => (int)choice!["index"]!));
        Assert.Equal(whole.Select(choice => (string)choice!["text"]!), told["texts"]!.AsArray().Select(text => (string)text!));
    }

    [Fact]
    public async Task Every_token_has_its_log_probability_and_is_among_the_alternatives()
    {
        var choice = await RunAsync("logprobs");

        var logprobs = choice["logprobs"]!;
        var tokens = logprobs["tokens"]!.AsArray().Select(token => (string)token!).ToList();
        Assert.Equal((string)choice["text"]!, string.Concat(tokens));
        Assert.Equal(Enumerable.Range(0, 7), logprobs["text_offset"]!.AsArray().Select(offset => (int)offset!));
        Assert.Equal(7, logprobs["token_logprobs"]!.AsArray().Count);
        foreach (var (index, top) in logprobs["top_logprobs"]!.AsArray().Index())
        {
            Assert.InRange(top!.AsObject().Count, 5, 6);
            Assert.Equal((float)logprobs["token_logprobs"]![index]!, (float)top[tokens[index]]!);
        }
    }

    [Fact]
    public async Task Echo_without_tokens_scores_the_prompt()
    {
        var told = await RunAsync("echo");

        var choice = told["choices"]![0]!;
        var scores = choice["logprobs"]!["token_logprobs"]!.AsArray();
        Assert.Equal(Prompt, (string)choice["text"]!);
        Assert.Equal("length", (string)choice["finish_reason"]!);
        Assert.Null(scores[0]);
        Assert.Null(choice["logprobs"]!["top_logprobs"]![0]);
        Assert.Equal(Prompt.Length, scores.Count);
        Assert.All(scores.Skip(1), score => Assert.True((float)score! < 0));
        Assert.Equal((Prompt.Length, 0, Prompt.Length), UsageOf(told));
    }

    [Fact]
    public async Task A_bias_bans_a_token_and_forces_another_by_its_index()
    {
        var told = await RunAsync("bias");

        Assert.NotEqual((string)told["free"]!, (string)told["banned"]!);
        Assert.Equal("7", (string)told["forced"]!);          // whose index is not 7
    }

    [Theory]
    [InlineData("temperature", "BadRequestError", 400, "temperature", "invalid_input")]
    [InlineData("unknownModel", "NotFoundError", 404, "model", "model_not_found")]
    [InlineData("suffix", "BadRequestError", 400, "suffix", "not_supported")]
    public async Task A_refusal_is_the_error_that_the_client_has_for_it(string name, string type, int status, string parameter, string code)
    {
        var told = await RunAsync(name);

        Assert.Equal(type, (string)told["class"]!);
        Assert.Equal(status, (int)told["status"]!);
        Assert.Equal("invalid_request_error", (string)told["type"]!);
        Assert.Equal(parameter, (string)told["param"]!);
        Assert.Equal(code, (string)told["code"]!);
        Assert.False(string.IsNullOrEmpty((string?)told["requestID"]));
    }

    [Fact]
    public async Task A_stream_ends_when_its_client_leaves()
    {
        var trace = ActivityTraceId.CreateRandom();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => _ = activity.TraceId == trace && ended.TrySetResult(),
        };
        ActivitySource.AddActivityListener(listener);

        var told = await RunAsync("leave", trace.ToHexString());

        Assert.Equal(10, (int)told["told"]!);
        await ended.Task.WaitAsync(Aborted);               // a million tokens take longer than anybody waits
    }

    [Fact]
    public async Task Embeddings_are_the_same_in_base64_which_the_client_asks_for_and_as_numbers()
    {
        var told = await RunAsync("embeddings");

        var usual = VectorsOf(told["usual"]!);
        Assert.Equal(usual, VectorsOf(told["float"]!));
        Assert.All(usual, vector => Assert.Equal(1, vector.Sum(value => value * value), 1e-5));
        Assert.Equal(16, (int)told["usual"]!["usage"]!["prompt_tokens"]!);
    }

    Task<JsonNode> RunAsync(params string[] arguments) => NodeClient.RunAsync(_client, arguments);

    static (int Prompt, int Completion, int Total) UsageOf(JsonNode completion) => (
        (int)completion["usage"]!["prompt_tokens"]!, (int)completion["usage"]!["completion_tokens"]!, (int)completion["usage"]!["total_tokens"]!);

    static double[][] VectorsOf(JsonNode embeddings) =>
        [.. embeddings["data"]!.AsArray().Select(item => item!["embedding"]!.AsArray().Select(value => (double)(float)(double)value!).ToArray())];
}
