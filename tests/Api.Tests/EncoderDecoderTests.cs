using System.Net;
using System.Runtime.CompilerServices;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>The bundled encoder-decoder through the API.</summary>
public sealed class EncoderDecoderTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Generate = "/api/v1/models/dates/generate";
    const string Score = "/api/v1/models/dates/score";

    readonly HttpClient _client = application.CreateClient();

    [Theory]
    [InlineData("held-out-known-forms.tsv")]
    [InlineData("held-out-unknown-forms.tsv")]
    public async Task Held_out_dates_are_read(string file)
    {
        foreach (var pair in File.ReadLines(Path.Combine(Model(), file)).Take(100).Select(line => line.Split('\t')))
        {
            var reply = await PostAsync(_client, Generate, new { text = pair[0], temperature = 0 });
            Assert.Equal((pair[1], "end"), ((string)reply["text"]!, (string)reply["finish"]!));
        }
    }

    [Fact]
    public async Task A_beam_search_tells_the_second_best_reading_too()
    {
        var reply = await PostAsync(_client, Generate, new { text = "Tue, 5 Jan '99", beams = 4, n = 2 });

        Assert.Equal("1999-01-05", (string)reply["text"]!);
        var choices = reply["choices"]!.AsArray();
        Assert.Equal(2, choices.Count);
        Assert.True((double)choices[0]!["logProbability"]! > (double)choices[1]!["logProbability"]!);
    }

    [Fact]
    public async Task A_session_keeps_what_was_read_between_two_calls_and_its_state_moves_to_another()
    {
        var session = await NewSessionAsync(_client, "dates");
        var begin = await PostAsync(_client, $"/api/v1/sessions/{session}/generate", new { text = "march 5th, 2021", temperature = 0, maxLength = 5 });
        var state = await GetAsync(_client, $"/api/v1/sessions/{session}/state");
        var end = await PostAsync(_client, $"/api/v1/sessions/{session}/generate", new { temperature = 0 });
        var elsewhere = await PostAsync(_client, Generate, new { temperature = 0, state });

        Assert.Equal("2021-", (string)begin["text"]!);
        Assert.Equal("03-05", (string)end["text"]!);
        Assert.Equal("03-05", (string)elsewhere["text"]!);
    }

    [Fact]
    public async Task It_says_what_it_is_and_what_it_does_not_offer()
    {
        var model = await GetAsync(_client, "/api/v1/models/dates");
        Assert.Equal(48, (int)model["encoder"]!["maxLength"]!);
        Assert.Equal("attention", (string)model["layers"]![2]!["kind"]!);

        await PostAsync(_client, "/api/v1/models/dates/sequence", new { text = "1 May 2001" }, HttpStatusCode.UnprocessableEntity);
        await PostAsync(_client, "/api/v1/models/dates/step", new { text = "1" }, HttpStatusCode.UnprocessableEntity);
        await PostAsync(_client, Generate, new { text = "1 May 2001", echo = true }, HttpStatusCode.UnprocessableEntity);
        await PostAsync(_client, Generate, new { text = new string('1', 49) }, HttpStatusCode.BadRequest);
        await PostAsync(_client, Generate, new { maxLength = 3 }, HttpStatusCode.BadRequest);
        await PostAsync(_client, Generate, new { tokens = new[] { 44 } }, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_a_search_finds_is_scored_as_it_was_found_and_what_it_did_not_find_is_less_probable()
    {
        const string Source = "Tue, 5 Jan '99";
        var found = await PostAsync(_client, Generate, new { text = Source, beams = 4, n = 2 });
        var scores = new List<double>();
        foreach (var choice in found["choices"]!.AsArray())
        {
            var score = await PostAsync(_client, Score, new { source = Source, text = (string)choice!["text"]! });
            Assert.Equal(11, (int)score["scored"]!);                                       // ten characters and the end
            Assert.Equal((double)choice["logProbability"]!, (double)score["logProbability"]!, 1e-5);
            scores.Add((double)score["logProbability"]!);
        }

        var other = await PostAsync(_client, Score, new { source = Source, text = "2004-07-31" });
        Assert.True((double)other["logProbability"]! < scores[1]);
    }

    [Fact]
    public async Task A_session_scores_what_could_follow_its_source()
    {
        var session = $"/api/v1/sessions/{await NewSessionAsync(_client, "dates")}";
        var refused = await PostAsync(_client, $"{session}/score", new { text = "1997" }, HttpStatusCode.BadRequest);
        await PostAsync(_client, $"{session}/generate", new { text = "5 May 1997", temperature = 0, maxLength = 5 });      // 1997-

        var rest = await PostAsync(_client, $"{session}/score", new { text = "05-05" });
        var whole = await PostAsync(_client, $"{session}/score", new { source = "5 May 1997", text = "1997-05-05" });

        Assert.Equal("/source", (string)refused["errors"]![0]!["pointer"]!);
        Assert.InRange((double)rest["logProbability"]!, -0.1, 0);
        Assert.True((double)whole["logProbability"]! < (double)rest["logProbability"]!);
        Assert.Equal((int)rest["step"]!, (int)(await GetAsync(_client, session))["step"]!);
    }

    [Theory]
    [InlineData("dates", """{ "text": "1997-05-05" }""", "/source")]
    [InlineData("dates", """{ "text": "1997-05-05", "source": "" }""", "/source")]
    [InlineData("dates", """{ "text": "1997-05-05", "source": "5 May 1997 5 May 1997 5 May 1997 5 May 1997 5 May 1997" }""", "/source")]
    [InlineData("dates", """{ "text": "", "source": "5 May 1997" }""", "")]
    [InlineData("austen", """{ "text": "a", "source": "b" }""", "/source")]
    public async Task A_source_that_can_not_be_read_is_refused(string model, string body, string pointer)
    {
        var problem = await PostAsync(_client, $"/api/v1/models/{model}/score", System.Text.Json.Nodes.JsonNode.Parse(body)!, HttpStatusCode.BadRequest);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
    }

    static string Model([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../models/dates/1"));
}
