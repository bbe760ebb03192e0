using System.Net;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>The bundled tagger through the API.</summary>
public sealed class TaggingTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Path = "/api/v1/models/tags/sequence";

    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task Every_word_gets_its_part_of_speech()
    {
        var reply = await PostAsync(_client, Path, new { text = "She opened the old door.", @return = "all", top = 1 });

        Assert.Equal(
            [("She", "PRON"), ("opened", "VERB"), ("the", "DET"), ("old", "ADJ"), ("door", "NOUN"), (".", "PUNCT")],
            reply["outputs"]!.AsArray().Select(output => ((string)output!["word"]!, (string)output["label"]!)));
    }

    [Fact]
    public async Task Words_that_were_split_elsewhere_are_taken_as_they_are()
    {
        var reply = await PostAsync(_client, Path, new { words = new[] { "She", "did", "n't", "blorf" }, @return = "all" });

        Assert.Equal(["She", "did", "n't", "blorf"], reply["outputs"]!.AsArray().Select(output => (string)output!["word"]!));
        Assert.Equal("VERB", (string)reply["output"]!["label"]!);            // a word that nobody has seen
    }

    [Fact]
    public async Task What_it_does_not_take_is_named()
    {
        await PostAsync(_client, Path, new { text = "" }, HttpStatusCode.BadRequest);
        await PostAsync(_client, Path, new { words = new[] { "" } }, HttpStatusCode.BadRequest);
        await PostAsync(_client, Path, """{ "words": [null] }""", HttpStatusCode.BadRequest);
        await PostAsync(_client, Path, new { tokens = new[] { 1 } }, HttpStatusCode.BadRequest);
        await PostAsync(_client, Path, new { values = new[] { new[] { 1e9 } } }, HttpStatusCode.BadRequest);
        await PostAsync(_client, "/api/v1/models/names/sequence", new { words = new[] { "a" } }, HttpStatusCode.BadRequest);
        await PostAsync(_client, "/api/v1/models/tags/step", new { text = "dog" }, HttpStatusCode.UnprocessableEntity);
        await PostAsync(_client, "/api/v1/sessions", new { model = "tags" }, HttpStatusCode.UnprocessableEntity);
    }
}
