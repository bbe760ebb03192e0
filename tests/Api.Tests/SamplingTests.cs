using System.Net;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>How tokens are drawn, over HTTP and with the bundled models.</summary>
public sealed class SamplingTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Austen = "/api/v1/models/austen/generate";

    readonly HttpClient _client = application.CreateClient();

    [Theory]
    [InlineData("austen", "My number is ", """\d{3}-\d{4}""", 1)]
    [InlineData("austen", "Mr. ", """[A-Z][a-z]+ (was|is) [a-z ]{10,20}\.""", 0.5)]
    [InlineData("austen", "", """(Emma|Anne|Elinor)(, (Emma|Anne|Elinor)){0,3}""", 2)]
    [InlineData("austen", "She said", """[^e]+""", 1)]
    [InlineData("dates", "5 May 1997", """20\d\d-\d\d-\d\d""", 1)]
    [InlineData("dates", "5 May 1997", """[12]{4}(-1\d){2}""", 3)]
    public async Task A_constrained_text_always_matches(string model, string text, string pattern, double temperature)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            foreach (var maxLength in new[] { 45, 60 })
            {
                var reply = await PostAsync(_client, $"/api/v1/models/{model}/generate", new { text, pattern, temperature, maxLength, seed, n = 4, minP = 0.01 });

                Assert.All(reply["choices"]!.AsArray(), choice => Assert.Matches($"^(?:{pattern})\\z", (string)choice!["text"]!));
            }
        }
    }

    [Fact]
    public async Task The_texts_of_a_beam_search_match_too()
    {
        var reply = await PostAsync(_client, Austen, new { text = "Mr. ", pattern = "[A-Z][a-z]{2,6}( and Mrs\\. [A-Z][a-z]{2,6})?", beams = 8, n = 8, maxLength = 40 });

        Assert.All(reply["choices"]!.AsArray(), choice => Assert.Matches("^[A-Z][a-z]{2,6}( and Mrs\\. [A-Z][a-z]{2,6})?\\z", (string)choice!["text"]!));
        Assert.Equal(8, reply["choices"]!.AsArray().Select(choice => (string)choice!["text"]!).Distinct().Count());
    }

    [Fact]
    public async Task A_session_and_a_stream_are_constrained_alike_and_tell_why_they_ended()
    {
        const string Pattern = "[a-z]{3} [a-z]{3}";
        var session = (string)(await PostAsync(_client, "/api/v1/sessions", new { model = "austen" }, HttpStatusCode.Created))["id"]!;
        var request = new { text = "He said ", pattern = Pattern, seed = 4 };
        var whole = await PostAsync(_client, Austen, request);
        var stateful = await PostAsync(_client, $"/api/v1/sessions/{session}/generate", request);

        Assert.Equal((string)whole["text"]!, (string)stateful["text"]!);
        Assert.Matches($"^{Pattern}$", (string)whole["text"]!);
        Assert.Equal(("pattern", "pattern"), ((string)whole["finish"]!, (string)stateful["finish"]!));
        Assert.Equal(15, (int)stateful["step"]!);

        // What goes on after it is a text of its own: the pattern begins anew.
        var after = await PostAsync(_client, $"/api/v1/sessions/{session}/generate", new { pattern = Pattern, seed = 5 });
        Assert.Matches($"^{Pattern}$", (string)after["text"]!);
    }

    [Fact]
    public async Task Tokens_come_as_often_as_the_model_says()
    {
        var output = (await PostAsync(_client, "/api/v1/models/austen/step", new { text = "T", top = 75 }))["output"]!["candidates"]!.AsArray();
        var expected = output.ToDictionary(candidate => (string)candidate!["text"]!, candidate => (double)candidate!["probability"]!);
        var drawn = new Dictionary<string, int>();
        for (var seed = 0; seed < 250; seed++)
        {
            var reply = await PostAsync(_client, Austen, new { text = "T", maxLength = 1, n = 16, seed });
            foreach (var choice in reply["choices"]!.AsArray())
            {
                var text = (string)choice!["text"]!;
                drawn[text] = drawn.GetValueOrDefault(text) + 1;
            }
        }

        // Pearson's chi-square over the tokens that are expected five times or more, and the rest as one.
        var often = expected.Where(token => token.Value * 4000 >= 5).ToList();
        var rest = (Share: 1 - often.Sum(token => token.Value), Count: 4000 - often.Sum(token => drawn.GetValueOrDefault(token.Key)));
        var statistic = often.Sum(token => Deviation(token.Value, drawn.GetValueOrDefault(token.Key))) + Deviation(rest.Share, rest.Count);
        Assert.InRange(often.Count, 20, 75);
        Assert.InRange(statistic, 0, often.Count + 4.9 * Math.Sqrt(2.0 * often.Count) + 10);

        static double Deviation(double share, int count) => Math.Pow(count - share * 4000, 2) / (share * 4000);
    }

    [Fact]
    public async Task Bias_and_penalties_change_what_is_drawn()
    {
        var request = new { text = "It is a truth", maxLength = 200, temperature = 0, logitBias = new Dictionary<string, double> { ["e"] = -100 } };
        var greedy = (string)(await PostAsync(_client, Austen, new { text = "It is a truth", maxLength = 200, temperature = 0 }))["text"]!;
        var without = (string)(await PostAsync(_client, Austen, request))["text"]!;
        var varied = (string)(await PostAsync(_client, Austen, new { text = "It is a truth", maxLength = 200, temperature = 0, frequencyPenalty = 1 }))["text"]!;

        Assert.Contains('e', greedy);
        Assert.DoesNotContain('e', without);
        Assert.True(Commonest(varied) < Commonest(greedy), varied);

        static int Commonest(string text) => text.CountBy(letter => letter).Max(pair => pair.Value);
    }

    [Theory]
    [InlineData("""{ "text": "a", "minP": 1.5 }""", "/minP", "0 to 1")]
    [InlineData("""{ "text": "a", "typicalP": 0 }""", "/typicalP", "above 0")]
    [InlineData("""{ "text": "a", "repetitionPenalty": 0 }""", "/repetitionPenalty", "0.1 to 10")]
    [InlineData("""{ "text": "a", "presencePenalty": -3 }""", "/presencePenalty", "-2 to 2")]
    [InlineData("""{ "text": "a", "frequencyPenalty": 3 }""", "/frequencyPenalty", "-2 to 2")]
    [InlineData("""{ "text": "a", "logitBias": { "a/b": 1 } }""", "/logitBias/a~1b", "neither the text of a token")]
    [InlineData("""{ "text": "a", "logitBias": { "75": 1 } }""", "/logitBias/75", "from 0 to 74")]
    [InlineData("""{ "text": "a", "logitBias": { "a": -101 } }""", "/logitBias/a", "-100 to 100")]
    [InlineData("""{ "text": "a", "logitBias": { "a": 1, "49": 1 } }""", "/logitBias/49", "another name")]
    [InlineData("""{ "text": "a", "pattern": "(a" }""", "/pattern", "character 0")]
    [InlineData("""{ "text": "a", "pattern": "\u00ff" }""", "/pattern", "No text of this model's tokens")]
    [InlineData("""{ "text": "a", "pattern": "" }""", "/pattern", "but the empty one")]
    [InlineData("""{ "text": "a", "pattern": "abc", "maxLength": 2 }""", "/pattern", "the shortest has 3 tokens")]
    [InlineData("""{ "text": "a", "pattern": "(a|b)*a(a|b){30}" }""", "/pattern", "too many states")]
    [InlineData("""{ "text": "a", "pattern": "a+", "stop": ["a"] }""", "/stop", "leave stop out")]
    [InlineData("""{ "text": "a", "beams": 2, "minP": 0.1 }""", "/minP", "draws nothing")]
    [InlineData("""{ "text": "a", "beams": 2, "logitBias": { "a": 1 } }""", "/logitBias", "draws nothing")]
    public async Task What_can_not_be_is_refused_precisely(string body, string pointer, string detail)
    {
        var problem = await PostAsync(_client, Austen, System.Text.Json.Nodes.JsonNode.Parse(body)!, HttpStatusCode.BadRequest);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
        Assert.Contains(detail, (string)problem["errors"]![0]!["detail"]!, StringComparison.Ordinal);
    }
}
