using System.Net.Http.Headers;
using System.Numerics.Tensors;
using System.Text.Json.Nodes;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>An embedding is the state that a text leaves.</summary>
public sealed class EmbeddingTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task Embeddings_have_the_members_of_the_reference()
    {
        var reply = await Exchange.PostAsync(_client, "/v1/embeddings", new { model = "names", input = new[] { "Nakamura", "Novak" } });

        Assert.Equal(["object", "data", "model", "usage"], reply.AsObject().Select(member => member.Key));
        Assert.Equal("list", (string)reply["object"]!);
        Assert.Equal("""{"prompt_tokens":13,"total_tokens":13}""", reply["usage"]!.ToJsonString());
        foreach (var (index, item) in reply["data"]!.AsArray().Index())
        {
            Assert.Equal(["object", "index", "embedding"], item!.AsObject().Select(member => member.Key));
            Assert.Equal("embedding", (string)item["object"]!);
            Assert.Equal(index, (int)item["index"]!);
            Assert.Equal(192, item["embedding"]!.AsArray().Count);
        }
    }

    [Theory]
    [InlineData("austen", "lstm.1", "Emma")]
    [InlineData("names", "gru.0", "Nakamura")]
    public async Task An_embedding_is_the_last_layers_hidden_state_with_length_1(string model, string layer, string text)
    {
        var embedding = await EmbeddingOf(model, text);

        var session = await RnnApplication.NewSessionAsync(_client, model);
        await RnnApplication.PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/sessions/{session}/state");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var reply = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var state = JsonNode.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var hidden = state["layers"]!.AsArray().Last(part => part!["hidden"] is not null)!;
        Assert.Equal(layer, (string)hidden["layer"]!);
        float[] expected = [.. hidden["hidden"]!.AsArray().Select(value => (float)value!)];
        TensorPrimitives.Divide(expected, TensorPrimitives.Norm<float>(expected), expected);
        Assert.Equal(expected, embedding);
        Assert.Equal(1, TensorPrimitives.Norm<float>(embedding), 1e-5f);
    }

    [Fact]
    public async Task An_input_has_the_same_embedding_in_base64_as_tokens_and_among_others()
    {
        var embedding = await EmbeddingOf("names", "Nakamura");
        var vocabulary = (await RnnApplication.GetAsync(_client, "/api/v1/models/names"))["input"]!["vocabulary"]!.AsArray().Select(token => (string)token!).ToList();
        int[] tokens = [.. "nakamura".Select(letter => vocabulary.IndexOf($"{letter}"))];      // the model reads lower case

        var base64 = await Exchange.PostAsync(_client, "/v1/embeddings", new { model = "names", input = "Nakamura", encoding_format = "base64", dimensions = 192 });
        Assert.Equal(embedding, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)base64["data"]![0]!["embedding"]!)).ToArray());
        Assert.Equal(embedding, await EmbeddingOf("names", tokens));
        Assert.Equal(embedding, await EmbeddingOf("names", new[] { tokens, [1] }));
        Assert.Equal(embedding, await EmbeddingOf("names", new[] { "Nakamura", "Novak" }));
    }

    /// <summary>The first one.</summary>
    async Task<float[]> EmbeddingOf(string model, object input) =>
        [.. (await Exchange.PostAsync(_client, "/v1/embeddings", new { model, input }))["data"]![0]!["embedding"]!.AsArray().Select(value => (float)value!)];
}
