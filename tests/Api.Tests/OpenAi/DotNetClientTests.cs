using System.ClientModel;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Embeddings;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>OpenAI's client for .NET. It has no completions, so its pipeline sends them.</summary>
public sealed class DotNetClientTests : IDisposable
{
    readonly RnnApplication _application = new();
    readonly Uri _endpoint;
    readonly OpenAIClient _client;

    public DotNetClientTests()
    {
        using var client = _application.StartOnSocket();
        _endpoint = new Uri(client.BaseAddress!, "v1");
        _client = new(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = _endpoint });
    }

    static CancellationToken Aborted => TestContext.Current.CancellationToken;

    public void Dispose() => _application.Dispose();

    [Fact]
    public async Task The_models_are_listed_and_told_one_by_one()
    {
        var models = _client.GetOpenAIModelClient();

        var all = await models.GetModelsAsync(Aborted);
        var one = await models.GetModelAsync("names", Aborted);

        Assert.Equal(["austen", "dates", "names"], all.Value.Select(model => model.Id));
        Assert.Equal("rnn", one.Value.OwnedBy);
        Assert.Equal(all.Value[2].CreatedAt, one.Value.CreatedAt);
    }

    [Fact]
    public async Task Surnames_of_one_language_lie_nearer_to_each_other()
    {
        var names = _client.GetEmbeddingClient("names");

        var embeddings = await names.GenerateEmbeddingsAsync(["Nakamura", "Yamamoto", "O'Brien"], cancellationToken: Aborted);

        var vectors = embeddings.Value.Select(embedding => embedding.ToFloats().ToArray()).ToList();
        Assert.True(Cosine(vectors[0], vectors[1]) > Cosine(vectors[0], vectors[2]));
        Assert.Equal(23, embeddings.Value.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Other_dimensions_are_refused_by_name()
    {
        var names = _client.GetEmbeddingClient("names");

        var refusal = await Assert.ThrowsAsync<ClientResultException>(() => names.GenerateEmbeddingAsync("Novak", new EmbeddingGenerationOptions { Dimensions = 7 }, Aborted));

        Assert.Equal(400, refusal.Status);
        Assert.Contains("dimensions", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_pipeline_completes()
    {
        using var message = _client.Pipeline.CreateMessage();
        message.Request.Method = "POST";
        message.Request.Uri = new Uri($"{_endpoint}/completions");
        message.Request.Headers.Set("Content-Type", "application/json");
        message.Request.Content = BinaryContent.Create(BinaryData.FromString("""{"model":"austen","prompt":"Emma","max_tokens":5,"seed":1}"""));

        await _client.Pipeline.SendAsync(message);

        Assert.Equal(200, message.Response!.Status);
        Assert.Equal(5, ((string)JsonNode.Parse(message.Response.Content)!["choices"]![0]!["text"]!).Length);
    }

    static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
