using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using static Rnn.Api.Tests.RnnApplication;

namespace Rnn.Api.Tests;

/// <summary>Hidden states and gates over HTTP.</summary>
public sealed class TraceTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task A_sequence_shows_its_gates_and_gives_what_it_gives_without()
    {
        var plain = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = "Emma", @return = "all", top = 1 });
        var traced = await PostAsync(_client, "/api/v1/models/austen/sequence", new
        {
            text = "Emma",
            @return = "all",
            top = 1,
            trace = new { parts = new[] { "forget", "hidden", "cell", "logits", "reset" }, units = new[] { 3, 255 } },
        });

        Assert.True(JsonNode.DeepEquals(plain["outputs"], traced["outputs"]));
        var layers = traced["trace"]!["layers"]!.AsArray();
        Assert.Equal(["lstm.0", "lstm.1"], layers.Select(layer => (string)layer!["layer"]!));
        foreach (var layer in layers)
        {
            Assert.Equal(4, layer!["forget"]!.AsArray().Count);
            Assert.All(layer["forget"]!.AsArray(), row => Assert.All(row!.AsArray(), gate => Assert.InRange((double)gate!, 0, 1)));
            Assert.All(layer["hidden"]!.AsArray(), row => Assert.Equal(2, row!.AsArray().Count));
            Assert.Null(layer["reset"]);                     // an LSTM has none
            Assert.Null(layer["input"]);                     // not asked for
        }

        Assert.Equal(4, traced["trace"]!["logits"]!.AsArray().Count);
        Assert.Equal(75, traced["trace"]!["logits"]![0]!.AsArray().Count);
        Assert.Null(traced["trace"]!["summary"]);
    }

    [Fact]
    public async Task A_session_moves_as_without_and_the_hidden_state_shown_is_the_one_it_has_then()
    {
        var (traced, plain) = (await NewSessionAsync(_client, "names"), await NewSessionAsync(_client, "names"));
        var reply = await PostAsync(_client, $"/api/v1/sessions/{traced}/sequence", new { text = "Naka", trace = new { parts = new[] { "hidden", "update" } } });
        await PostAsync(_client, $"/api/v1/sessions/{plain}/sequence", new { text = "Naka" });

        var state = await GetAsync(_client, $"/api/v1/sessions/{traced}/state");
        Assert.True(JsonNode.DeepEquals((await GetAsync(_client, $"/api/v1/sessions/{plain}/state"))["layers"], state["layers"]));
        var layer = reply["trace"]!["layers"]![0]!;
        Assert.True(JsonNode.DeepEquals(state["layers"]![0]!["hidden"], layer["hidden"]![3]));
        Assert.Equal(192, layer["update"]![0]!.AsArray().Count);

        var step = await PostAsync(_client, $"/api/v1/sessions/{traced}/step", new { text = "m", trace = new { parts = new[] { "candidate" } } });
        Assert.Single(step["trace"]!["layers"]![0]!["candidate"]!.AsArray());
    }

    [Fact]
    public async Task Gates_are_summed_up_without_being_told()
    {
        var reply = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = "It is a truth", trace = new { summary = true, layers = new[] { "lstm.1" } } });

        Assert.Empty(reply["trace"]!["layers"]!.AsArray());
        var summary = reply["trace"]!["summary"]!.AsArray().ToDictionary(part => (string)part!["part"]!, part => part!);
        Assert.Equal(["candidate", "cell", "forget", "hidden", "input", "output"], summary.Keys.Order());
        Assert.All(summary.Values, part => Assert.Equal("lstm.1", (string)part["layer"]!));
        Assert.InRange((double)summary["forget"]["closed"]! + (double)summary["forget"]["open"]!, 0.01, 1);
        Assert.Null(summary["cell"]["closed"]);
        Assert.NotNull(summary["hidden"]["dead"]);

        var whole = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = "It is a truth", trace = new { parts = new[] { "forget" }, layers = new[] { "lstm.1" } } });
        var gates = whole["trace"]!["layers"]![0]!["forget"]!.AsArray().SelectMany(row => row!.AsArray().Select(gate => (double)gate!)).ToList();
        Assert.Equal(gates.Average(), (double)summary["forget"]["mean"]!, 1e-6);
        Assert.Equal(gates.Count(gate => gate < 0.05) / (double)gates.Count, (double)summary["forget"]["closed"]!, 1e-9);
    }

    [Fact]
    public async Task Units_are_found_by_what_they_do()
    {
        const string Text = "Mr. Bennet was among the earliest of those who waited on Mr. Bingley.";
        int[] capitals = [.. Text.Index().Where(letter => char.IsUpper(letter.Item)).Select(letter => letter.Index)];
        var found = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = Text, trace = new { separate = capitals, top = 3 } });
        var units = found["trace"]!["separating"]!.AsArray();
        Assert.Equal(3, units.Count);
        Assert.Empty(found["trace"]!["layers"]!.AsArray());

        // The best one, looked at: its mean there and elsewhere, and where it rises above the middle of the two.
        var (layer, unit) = ((string)units[0]!["layer"]!, (int)units[0]!["unit"]!);
        var (inside, outside) = ((double)units[0]!["inside"]!, (double)units[0]!["outside"]!);
        var seen = await PostAsync(_client, "/api/v1/models/austen/sequence", new
        {
            text = Text,
            trace = new { parts = new[] { "hidden" }, layers = new[] { layer }, units = new[] { unit }, riseAbove = (inside + outside) / 2 },
        });
        double[] hidden = [.. seen["trace"]!["layers"]![0]!["hidden"]!.AsArray().Select(row => (double)row![0]!)];
        Assert.Equal(capitals.Average(timestep => hidden[timestep]), inside, 1e-6);
        Assert.Equal(hidden.Where((_, timestep) => !capitals.Contains(timestep)).Average(), outside, 1e-6);
        Assert.True(Math.Abs((double)units[0]!["separation"]!) >= Math.Abs((double)units[1]!["separation"]!));
        Assert.True(Math.Abs((double)units[0]!["separation"]!) > 2);
        Assert.Equal(
            Enumerable.Range(0, hidden.Length).Where(timestep => hidden[timestep] > (inside + outside) / 2 && (timestep == 0 || hidden[timestep - 1] <= (inside + outside) / 2)),
            seen["trace"]!["rises"]![0]!["timesteps"]!.AsArray().Select(timestep => (int)timestep!));
    }

    [Theory]
    [InlineData("austen", """{ "separate": [1] }""", "/trace/separate/0", "There is no timestep 1")]
    [InlineData("austen", """{ "separate": [0] }""", "/trace/separate", "neither none nor all")]
    [InlineData("austen", """{ "separate": [] }""", "/trace/separate", "neither none nor all")]
    [InlineData("austen", """{ "riseAbove": 0.5 }""", "/trace/units", "whose rises")]
    [InlineData("austen", """{ "parts": ["gate"] }""", "/trace/parts/0", "there are hidden, cell")]
    [InlineData("austen", """{ }""", "/trace/parts", "Say what to show")]
    [InlineData("austen", """{ "parts": ["hidden"], "layers": ["lstm"] }""", "/trace/layers/0", "there are lstm.0, lstm.1")]
    [InlineData("austen", """{ "parts": ["hidden"], "units": [0, 256] }""", "/trace/units/1", "There is no unit 256")]
    [InlineData("austen", """{ "parts": ["hidden"], "units": [-1] }""", "/trace/units/0", "There is no unit -1")]
    public async Task What_there_is_not_can_not_be_shown(string model, string trace, string pointer, string detail)
    {
        var problem = await PostAsync(_client, $"/api/v1/models/{model}/sequence", new { text = "a", trace = JsonNode.Parse(trace) }, HttpStatusCode.BadRequest);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generation_shows_the_prompt_and_what_is_generated_as_the_same_text_in_a_sequence()
    {
        var trace = new { parts = new[] { "hidden", "forget", "logits" }, layers = new[] { "lstm.1" }, units = new[] { 7, 200 }, summary = true };
        var plain = await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "She was ", maxLength = 12, seed = 3 });
        var traced = await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "She was ", maxLength = 12, seed = 3, trace });
        var text = "She was " + (string)plain["text"]!;
        var sequence = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text, trace });

        Assert.Equal((string)plain["text"]!, (string)traced["text"]!);
        Assert.Equal(20, traced["trace"]!["layers"]![0]!["hidden"]!.AsArray().Count);
        Assert.True(JsonNode.DeepEquals(sequence["trace"], traced["trace"]));
    }

    [Fact]
    public async Task Streamed_events_show_their_timesteps_and_what_a_stop_string_cuts_off_is_not_shown()
    {
        var trace = new { parts = new[] { "hidden" }, layers = new[] { "lstm.1" }, units = new[] { 7 }, summary = true };
        var plain = (string)(await PostAsync(_client, "/api/v1/models/austen/generate", new { text = "She was ", maxLength = 12, seed = 3 }))["text"]!;
        var stop = plain[6..9];
        var session = await NewSessionAsync(_client, "austen");
        var events = await StreamAsync(_client, $"/api/v1/sessions/{session}/generate", new { text = "She was ", maxLength = 12, seed = 3, stop = new[] { stop }, stream = true, trace });
        var told = string.Concat(events.Select(item => (string?)item["text"]));
        var sequence = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = "She was " + told, trace });

        Assert.Equal(plain[..plain.IndexOf(stop, StringComparison.Ordinal)], told);
        Assert.Equal(9, events[0]["trace"]!["layers"]![0]!["hidden"]!.AsArray().Count);
        var rows = events.SkipLast(1).SelectMany(item => item["trace"]!["layers"]![0]!["hidden"]!.AsArray().Select(row => row!.DeepClone()));
        Assert.True(JsonNode.DeepEquals(sequence["trace"]!["layers"]![0]!["hidden"], new JsonArray([.. rows])));
        Assert.True(JsonNode.DeepEquals(sequence["trace"]!["summary"], events[^1]["trace"]!["summary"]));
    }

    [Fact]
    public async Task A_decoder_shows_at_which_characters_of_its_source_it_looks()
    {
        var reply = await PostAsync(_client, "/api/v1/models/dates/generate", new { text = "march 5th, 2021", temperature = 0, trace = new { parts = new[] { "attention" } } });

        Assert.Equal("2021-03-05", (string)reply["text"]!);
        Assert.Equal("march 5th, 2021", string.Concat(reply["trace"]!["source"]!.AsArray().Select(token => (string)token!)));
        var attention = reply["trace"]!["layers"]!.AsArray().Single()!["attention"]!.AsArray();
        Assert.Equal(1 + "2021-03-05".Length, attention.Count);                                          // it reads a start token first
        Assert.All(attention, row => Assert.Equal(1, row!.AsArray().Sum(weight => (double)weight!), 1e-5));
        Assert.True(attention[8]!.AsArray().Take(5).Sum(weight => (double)weight!) < 0.5);              // the day is not in the month
    }

    [Fact]
    public async Task The_same_trace_comes_as_tensors()
    {
        var body = new { text = "Emma", top = 1, trace = new { parts = new[] { "hidden", "forget", "logits" }, summary = true } };
        var json = await PostAsync(_client, "/api/v1/models/austen/sequence", body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/models/austen/sequence") { Content = JsonContent.Create(body) };
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        var header = JsonNode.Parse(bytes.AsSpan(8, (int)BitConverter.ToUInt64(bytes)))!.AsObject();
        Assert.Equal(["__metadata__", "logits", "lstm.0.forget", "lstm.0.hidden", "lstm.1.forget", "lstm.1.hidden"], header.Select(entry => entry.Key).Order(StringComparer.Ordinal));
        var entry = header["lstm.1.forget"]!;
        Assert.Equal([4, 256], entry["shape"]!.AsArray().Select(size => (int)size!));
        var first = 8 + (int)BitConverter.ToUInt64(bytes) + (int)entry["data_offsets"]![0]!;
        var expected = json["trace"]!["layers"]![1]!["forget"]!.AsArray().SelectMany(row => row!.AsArray().Select(gate => (float)gate!)).ToArray();
        Assert.Equal(expected, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes.AsSpan(first, 4 * expected.Length)).ToArray());
        var reply = JsonNode.Parse((string)header["__metadata__"]!["reply"]!)!;
        Assert.True(JsonNode.DeepEquals(json["output"], reply["output"]));
        Assert.True(JsonNode.DeepEquals(json["trace"]!["summary"], reply["trace"]!["summary"]));
    }

    [Fact]
    public async Task Units_are_found_in_a_sessions_history()
    {
        const string Text = "Mr. Bennet was among the earliest of those who waited on Mr. Bingley.";
        long[] capitals = [.. Text.Index().Where(letter => char.IsUpper(letter.Item)).Select(letter => letter.Index + 1L)];
        var session = (string)(await PostAsync(_client, "/api/v1/sessions", new { model = "austen", history = 200 }, HttpStatusCode.Created))["id"]!;
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = Text });

        var found = await PostAsync(_client, $"/api/v1/sessions/{session}/units", new { separate = capitals, top = 3, layers = new[] { "lstm.1" } });
        Assert.Equal((0, Text.Length), ((int)found["from"]!, (int)found["step"]!));
        var best = found["separating"]![0]!;
        Assert.Equal("lstm.1", (string)best["layer"]!);
        var state = await GetAsync(_client, $"/api/v1/sessions/{session}/state?step={capitals[1]}");
        var middle = ((double)best["inside"]! + (double)best["outside"]!) / 2;
        Assert.True(((double)state["layers"]![1]!["hidden"]![(int)best["unit"]!]! - middle) * (double)best["separation"]! > 0);

        var rises = await PostAsync(_client, $"/api/v1/sessions/{session}/units", new { units = new[] { (int)best["unit"]! }, layers = new[] { "lstm.1" }, riseAbove = middle });
        var traced = await PostAsync(_client, "/api/v1/models/austen/sequence", new { text = Text, trace = new { units = new[] { (int)best["unit"]! }, layers = new[] { "lstm.1" }, riseAbove = middle } });
        var steps = rises["rises"]![0]!["timesteps"]!.AsArray().Select(step => (long)step!).Where(step => step > 0).ToList();
        Assert.Equal(traced["trace"]!["rises"]![0]!["timesteps"]!.AsArray().Select(timestep => (long)timestep! + 1).Where(step => step > 1), steps.Where(step => step > 1));
    }

    [Theory]
    [InlineData("""{ }""", "/separate", "Say what to look for")]
    [InlineData("""{ "separate": [9] }""", "/separate/0", "Step 9 is not kept; the session keeps the states of the steps 0 to 3.")]
    [InlineData("""{ "separate": [0, 1, 2, 3] }""", "/separate", "neither none nor all")]
    [InlineData("""{ "separate": [1], "layers": ["lstm"] }""", "/layers/0", "there are lstm.0, lstm.1")]
    [InlineData("""{ "riseAbove": 0 }""", "/units", "whose rises")]
    [InlineData("""{ "riseAbove": 0, "units": [256] }""", "/units/0", "There is no unit 256")]
    public async Task What_a_history_does_not_hold_can_not_be_found_in_it(string body, string pointer, string detail)
    {
        var session = (string)(await PostAsync(_client, "/api/v1/sessions", new { model = "austen", history = 5 }, HttpStatusCode.Created))["id"]!;
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "She" });

        var problem = await PostAsync(_client, $"/api/v1/sessions/{session}/units", JsonNode.Parse(body)!, HttpStatusCode.BadRequest);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_is_attributed_to_the_characters_that_make_it()
    {
        var reply = await PostAsync(_client, "/api/v1/models/names/sequence", new { text = "O'Brien", trace = new { attribute = new { label = "Irish" } } });
        var attribution = reply["trace"]!["attribution"]!;

        Assert.Equal(("Irish", 6), ((string)attribution["label"]!, (int)attribution["timestep"]!));
        double[] products = [.. attribution["products"]!.AsArray().Select(product => (double)product!)];
        Assert.Equal(7, products.Length);
        Assert.Equal(1, products.Index().MaxBy(product => product.Item).Index);      // the apostrophe
        Assert.Equal(32, attribution["gradients"]![0]!.AsArray().Count);

        // In a session the state before counts as it is, and what came then is not told.
        var session = await NewSessionAsync(_client, "names");
        await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "O'B" });
        var later = await PostAsync(_client, $"/api/v1/sessions/{session}/sequence", new { text = "rien", trace = new { attribute = new { label = "Irish" } } });
        double[] norms = [.. later["trace"]!["attribution"]!["norms"]!.AsArray().Select(norm => (double)norm!)];
        Assert.Equal(attribution["norms"]!.AsArray().Skip(3).Select(norm => (double)norm!), norms, (one, other) => Math.Abs(one - other) < 1e-6);
    }

    [Theory]
    [InlineData("names", """{ "label": "Klingon" }""", "/trace/attribute/label", "There is no label 'Klingon' among the 18")]
    [InlineData("names", """{ "output": 18 }""", "/trace/attribute/output", "There is no output 18; they go from 0 to 17.")]
    [InlineData("names", """{ "output": 1, "label": "Irish" }""", "/trace/attribute/output", "not both")]
    [InlineData("names", """{ "timestep": 1 }""", "/trace/attribute/timestep", "There is no timestep 1")]
    public async Task What_there_is_not_can_not_be_attributed(string model, string attribute, string pointer, string detail)
    {
        var problem = await PostAsync(_client, $"/api/v1/models/{model}/sequence", new { text = "a", trace = new { attribute = JsonNode.Parse(attribute) } }, HttpStatusCode.BadRequest);

        Assert.Equal(pointer, (string)problem["errors"]![0]!["pointer"]!);
        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_has_no_gradient_is_named()
    {
        var problem = await PostAsync(_client, "/api/v1/models/monitor/sequence", new { values = new[] { new[] { 1.0 } }, trace = new { attribute = new { } } }, HttpStatusCode.UnprocessableEntity);
        Assert.Contains("can't be attributed", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n", 2, "One generation at a time")]
    [InlineData("beams", 2, "One generation at a time")]
    public async Task Several_generations_can_not_be_shown(string option, int value, string detail)
    {
        var body = new JsonObject { ["text"] = "a", ["maxLength"] = 3, [option] = value, ["trace"] = new JsonObject { ["summary"] = true } };
        var problem = await PostAsync(_client, "/api/v1/models/austen/generate", body, HttpStatusCode.BadRequest);
        Assert.Contains(detail, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_much_is_refused_before_anything_runs_and_a_bidirectional_model_altogether()
    {
        var much = await PostAsync(
            _client, "/api/v1/models/austen/sequence", new { text = new string('a', 60_000), trace = new { parts = new[] { "hidden" } } }, HttpStatusCode.BadRequest);
        Assert.Contains("4194304", (string)much["detail"]!, StringComparison.Ordinal);

        var backward = await PostAsync(
            _client, "/api/v1/models/tags/sequence", new { text = "She opened it.", trace = new { parts = new[] { "hidden" } } }, HttpStatusCode.UnprocessableEntity);
        Assert.Contains("can't be looked into", (string)backward["detail"]!, StringComparison.Ordinal);
    }
}
