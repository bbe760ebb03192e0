using System.Net;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

public sealed class PredictionTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task A_step_tells_the_next_character_with_its_alternatives()
    {
        var reply = await PostAsync(_client, "/api/v1/models/austen/step", new { text = "q", top = 3 });

        Assert.Equal("u", (string)reply["output"]!["text"]!);
        Assert.Equal(1, (long)reply["step"]!);
        var candidates = reply["output"]!["candidates"]!.AsArray();
        Assert.Equal(3, candidates.Count);
        Assert.True((float)candidates[0]!["probability"]! > (float)candidates[1]!["probability"]!);
    }

    [Fact]
    public async Task The_text_model_generates_words()
    {
        var reply = await PostAsync(
            _client, "/api/v1/models/austen/generate", new { text = "It is a truth universally", maxLength = 400, temperature = 0.5, seed = 1 });

        var words = ((string)reply["text"]!).Split([' ', '\n', ',', '.', ';', '"'], StringSplitOptions.RemoveEmptyEntries);
        var common = new[] { "the", "to", "and", "of", "a", "her", "was", "in", "it", "she", "be", "not", "that", "I", "had", "he", "as", "for", "with" };
        Assert.True(words.Count(word => common.Contains(word)) > words.Length / 5, (string)reply["text"]!);
        Assert.Equal("length", (string)reply["finish"]!);
        Assert.Equal("It is a truth universally".Length + 400, (int)reply["step"]!);
    }

    [Fact]
    public async Task The_same_seed_generates_the_same_text_and_a_fresh_seed_is_told()
    {
        var first = await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 50 });
        var seed = (ulong)first["seed"]!;

        var again = await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "Emma", maxLength = 50, seed });

        Assert.Equal((string)first["text"]!, (string)again["text"]!);
    }

    [Fact]
    public async Task The_forecaster_tells_the_next_24_hours_in_degrees()
    {
        var model = await GetAsync(_client, "/api/v1/models/temperature");
        var hours = Enumerable.Range(0, 48).Select(hour => new[] { 20 + 5 * Math.Sin(hour * Math.PI / 12), 10, 1010, 3, hour % 24, 180 });

        var reply = await PostAsync(_client, "/api/v1/models/temperature/sequence", new { values = hours });

        Assert.Equal(24, model["output"]!["values"]!.AsArray().Count);
        Assert.All(model["output"]!["values"]!.AsArray(), value => Assert.Equal("°C", (string)value!["unit"]!));
        var values = reply["output"]!["values"]!.AsArray();
        Assert.Equal(24, values.Count);
        Assert.All(values, value => Assert.InRange((float)value!, -5, 45));
    }

    [Theory]
    [InlineData("Nakamura", "Japanese")]
    [InlineData("Papadopoulos", "Greek")]
    [InlineData("Giordano", "Italian")]
    public async Task The_classifier_names_the_label_with_its_probability(string name, string label)
    {
        var reply = await PostAsync(_client, "/api/v1/models/names/sequence", new { text = name });

        Assert.Equal(label, (string)reply["output"]!["label"]!);
        Assert.InRange((float)reply["output"]!["probability"]!, 0.3f, 1f);
        Assert.Null(reply["output"]!["token"]);
    }

    [Fact]
    public async Task A_sequence_tells_every_output_when_all_are_asked_for()
    {
        var all = await PostAsync(_client, "/api/v1/models/names/sequence", """{"text":"Rossi","return":"all"}""");
        var last = await PostAsync(_client, "/api/v1/models/names/sequence", new { text = "Rossi" });

        Assert.Equal(5, all["outputs"]!.AsArray().Count);
        Assert.Null(last["outputs"]);
        Assert.True(JsonNode.DeepEquals(all["outputs"]![4], last["output"]));
    }

    [Fact]
    public async Task A_stateless_caller_can_carry_the_state()
    {
        var whole = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = "Mr. Darcy", returnState = true });
        var first = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = "Mr. ", returnState = true });

        var second = await PostAsync(
            _client, "/api/v1/models/austen/sequence", new { text = "Darcy", state = first["state"], returnState = true });

        Assert.True(JsonNode.DeepEquals(whole, second));
    }

    [Fact]
    public async Task Models_describe_themselves()
    {
        var models = (await GetAsync(_client, "/api/v1/models")).AsArray();

        Assert.Equal(["air", "austen", "dates", "monitor", "names", "tags", "temperature"], models.Select(model => (string)model!["name"]!));
        Assert.True(JsonNode.DeepEquals(models[1], await GetAsync(_client, "/api/v1/models/austen/versions/1")));
        Assert.Equal("lstm", (string)models[1]!["layers"]![1]!["kind"]!);
        Assert.True((bool)models[1]!["generates"]!);
        Assert.False((bool)models[4]!["generates"]!);
        Assert.True((bool)models[0]!["forecasts"]!);
        Assert.False((bool)models[6]!["forecasts"]!);
        await GetAsync(_client, "/api/v1/models/austen/versions/2", HttpStatusCode.NotFound);
    }
}
