using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Rnn.Api.Tests.OpenAi;

/// <summary>What is served, for OpenAI's clients.</summary>
public sealed class ModelTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task Models_that_complete_or_embed_text_are_listed_by_name()
    {
        var list = await RnnApplication.GetAsync(_client, "/v1/models");

        Assert.Equal("list", (string)list["object"]!);
        Assert.Equal(["austen", "dates", "names"], list["data"]!.AsArray().Select(model => (string)model!["id"]!));
        Assert.All(list["data"]!.AsArray(), model =>
        {
            Assert.Equal(["id", "object", "created", "owned_by"], model!.AsObject().Select(member => member.Key));
            Assert.Equal("model", (string)model["object"]!);
            Assert.Equal("rnn", (string)model["owned_by"]!);
        });
    }

    [Fact]
    public async Task A_model_was_created_when_its_weights_were_written()
    {
        var models = Directory.CreateTempSubdirectory("rnn-openai-");
        try
        {
            var austen = application.Engine.Models.Get("austen", null);
            var source = application.Services.GetRequiredService<ModelOptions>().FullPath;
            var folder = models.CreateSubdirectory("austen").CreateSubdirectory("1").FullName;
            foreach (var part in new[] { "model.json", austen.Manifest.Weights! })
            {
                File.Copy(Path.Combine(source, "austen", "1", part), Path.Combine(folder, part));
            }

            File.SetLastWriteTimeUtc(Path.Combine(folder, austen.Manifest.Weights!), DateTime.UnixEpoch.AddSeconds(1_600_000_000));
            using var other = new RnnApplication { Settings = { ["Models:Path"] = models.FullName } };
            using var client = other.CreateClient();

            var model = await RnnApplication.GetAsync(client, "/v1/models/austen");

            Assert.Equal("""{"id":"austen","object":"model","created":1600000000,"owned_by":"rnn"}""", model.ToJsonString());
        }
        finally
        {
            models.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_key_is_not_asked_for_and_may_be_any()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "anything");

        using var reply = await _client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(reply.IsSuccessStatusCode);
        Assert.NotEmpty(Assert.Single(reply.Headers.GetValues("x-request-id")));
        Assert.NotNull(JsonNode.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
