using System.Globalization;
using System.Net;
using static Rnn.Api.Tests.OpenInference.OipClient;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>Inference in JSON: the rules of the protocol, and the same numbers as the native protocol's.</summary>
public sealed class InferTests(RnnApplication application) : IClassFixture<RnnApplication>
{
    const string Hours = "77,-2,-7,1025,1.75,3,4, 77,-5,-9,1025,0.5,4,4, 75,-5,-9,1025,1.25,5,4, 80,-6,-9,1025,1.75,6,4";

    readonly HttpClient _client = application.CreateClient();

    [Fact]
    public async Task Numbers_are_those_of_the_native_protocol_to_the_last_digit()
    {
        var native = await RnnApplication.PostAsync(_client, "/api/v1/models/air/sequence", $$"""{"values":{{Nested}},"return":"all"}""");

        var reply = await InferAsync(_client, "air", Request("[1,4,7]", $"[{Nested}]"));

        Assert.Equal([1L, 4L, 1L], Shape(reply, "output"));
        foreach (var (tensor, property) in new[] { ("output", "values"), ("lower", "lower"), ("upper", "upper") })
        {
            Assert.Equal(
                native["outputs"]!.AsArray().Select(output => output![property]![0]!.ToJsonString()),
                Output(reply, tensor)["data"]!.AsArray().Select(value => value!.ToJsonString()));
        }
    }

    [Fact]
    public async Task A_distribution_is_told_whole_and_by_index()
    {
        var native = await RnnApplication.PostAsync(_client, "/api/v1/models/austen/sequence", """{"text":"It is a","top":1000}""");

        var reply = await InferAsync(_client, "austen", """{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["It is a"]}],"parameters":{"return":"last"}}""");

        var candidates = native["output"]!["candidates"]!.AsArray();
        var probabilities = Output(reply, "probabilities")["data"]!.AsArray();
        Assert.Equal([1L, 1L, candidates.Count], Shape(reply, "probabilities"));
        Assert.All(candidates, candidate => Assert.Equal(
            candidate!["probability"]!.ToJsonString(), probabilities[(int)(candidate["index"] ?? candidate["token"])!]!.ToJsonString()));
        Assert.Equal((string?)candidates[0]!["text"], (string?)Output(reply, "label")["data"]![0]);
    }

    [Fact]
    public async Task Data_may_be_nested_or_flat_and_stand_before_its_shape()
    {
        var flat = await InferAsync(_client, "air", Request("[1,4,7]", $"[{Hours}]"));
        var nested = await InferAsync(_client, "air", Request("[1,4,7]", $"[{Nested}]"));
        var before = await InferAsync(_client, "air", $$"""{"inputs":[{"data":[{{Hours}}],"name":"input","datatype":"FP32","shape":[1,4,7]}]}""");

        Assert.Equal(flat.ToJsonString(), nested.ToJsonString());
        Assert.Equal(flat.ToJsonString(), before.ToJsonString());
    }

    [Theory]
    [InlineData("FP64")]
    [InlineData("FP32")]
    public async Task Numbers_of_every_float_and_whole_datatype_are_read(string datatype)
    {
        var whole = string.Join(',', Enumerable.Range(1, 14));
        var expected = await InferAsync(_client, "air", Request("[1,2,7]", $"[{whole}]", datatype));

        foreach (var other in new[] { "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64" })
        {
            Assert.Equal(expected.ToJsonString(), (await InferAsync(_client, "air", Request("[1,2,7]", $"[{whole}]", other))).ToJsonString());
        }
    }

    [Fact]
    public async Task A_batch_is_its_sequences_side_by_side()
    {
        var batch = await InferAsync(_client, "air", Request("[2,2,7]", $"[{Hours}]"));

        var halves = Hours.Split(", ");
        Assert.Equal([2L, 2L, 1L], Shape(batch, "output"));
        Assert.Equal(
            [
                .. Data(await InferAsync(_client, "air", Request("[2,7]", $"[{halves[0]},{halves[1]}]")), "output"),
                .. Data(await InferAsync(_client, "air", Request("[1,2,7]", $"[{halves[2]},{halves[3]}]")), "output"),
            ],
            Data(batch, "output"));
    }

    [Fact]
    public async Task One_timestep_needs_no_dimension_of_time()
    {
        var step = Hours.Split(", ")[0];

        Assert.Equal(
            (await InferAsync(_client, "air", Request("[1,1,7]", $"[{step}]"))).ToJsonString(),
            (await InferAsync(_client, "air", Request("[7]", $"[{step}]"))).ToJsonString());
    }

    [Fact]
    public async Task Tokens_and_text_are_two_forms_of_one_input()
    {
        var text = await InferAsync(_client, "names", """{"inputs":[{"name":"text","shape":[1,1],"datatype":"BYTES","data":[["Anna"]]}]}""");
        var vocabulary = (await RnnApplication.GetAsync(_client, "/api/v1/models/names"))["input"]!["vocabulary"]!.AsArray().Select(token => (string)token!).ToList();
        var tokens = string.Join(',', "Anna".Select(letter => vocabulary.IndexOf($"{letter}") is >= 0 and var index ? index : vocabulary.IndexOf($"{char.ToLowerInvariant(letter)}")));

        var reply = await InferAsync(_client, "names", $$"""{"inputs":[{"name":"tokens","shape":[1,4],"datatype":"INT32","data":[{{tokens}}]}]}""");

        Assert.Equal(Data(text, "probabilities"), Data(reply, "probabilities"));
    }

    [Fact]
    public async Task A_model_that_reads_as_a_whole_tells_a_label_for_each_word()
    {
        var native = await RnnApplication.PostAsync(_client, "/api/v1/models/tags/sequence", """{"words":["Time","flies","."],"return":"all"}""");

        var reply = await InferAsync(_client, "tags", """{"inputs":[{"name":"words","shape":[1,3],"datatype":"BYTES","data":["Time","flies","."]}],"outputs":[{"name":"label"}]}""");

        Assert.Equal(
            native["outputs"]!.AsArray().Select(output => (string?)output!["candidates"]![0]!["label"]),
            Output(reply, "label")["data"]!.AsArray().Select(label => (string?)label));
    }

    [Fact]
    public async Task The_id_comes_back_and_nothing_does_if_there_was_none()
    {
        var named = await InferAsync(_client, "air", $$"""{"id":"a1",{{Request("[7]", "[1,2,3,4,5,6,7]")[1..]}}""");
        var unnamed = await InferAsync(_client, "air", Request("[7]", "[1,2,3,4,5,6,7]"));

        Assert.Equal("a1", (string?)named["id"]);
        Assert.False(unnamed.AsObject().ContainsKey("id"));
        Assert.Equal(("air", "1"), ((string?)unnamed["model_name"], (string?)unnamed["model_version"]));
    }

    [Fact]
    public async Task Only_the_outputs_that_are_named_are_told_in_their_order()
    {
        var reply = await InferAsync(_client, "air", $$"""{"outputs":[{"name":"upper"},{"name":"output"}],{{Request("[7]", "[1,2,3,4,5,6,7]")[1..]}}""");

        Assert.Equal(["upper", "output"], reply["outputs"]!.AsArray().Select(output => (string?)output!["name"]));
        Assert.Equal(3, (await InferAsync(_client, "air", $$"""{"outputs":[],{{Request("[7]", "[1,2,3,4,5,6,7]")[1..]}}"""))["outputs"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_classification_tells_value_index_and_label()
    {
        const string Input = """{"name":"text","shape":[1],"datatype":"BYTES","data":["Petrov"]}""";
        var numbers = await InferAsync(_client, "names", $$"""{"inputs":[{{Input}}],"parameters":{"return":"last"} }""");

        var classes = await InferAsync(
            _client, "names", $$"""{"inputs":[{{Input}}],"parameters":{"return":"last"},"outputs":[{"name":"probabilities","parameters":{"classification":2} }]}""");

        var best = Data(numbers, "probabilities").Index().MaxBy(item => item.Item);
        Assert.Equal(2, Shape(classes, "probabilities")[^1]);
        Assert.Equal("BYTES", (string?)Output(classes, "probabilities")["datatype"]);
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{best.Item}:{best.Index}:{(string?)Output(numbers, "label")["data"]![0]}"),
            (string?)Output(classes, "probabilities")["data"]![0]);
    }

    [Fact]
    public async Task What_it_does_not_know_is_passed_over()
    {
        var reply = await InferAsync(_client, "air", """
            {"future":{"a":[1]},"parameters":{"colour":"red","weight":1.5},
             "inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":[1,2,3,4,5,6,7],"parameters":{"x":true},"more":null}],
             "outputs":[{"name":"output","hint":[]}]}
            """);

        Assert.Single(Data(reply, "output"));
    }

    [Fact]
    public async Task A_state_that_was_told_goes_on_where_it_was()
    {
        var halves = Hours.Split(", ");
        var whole = Data(await InferAsync(_client, "air", Request("[1,4,7]", $"[{Hours}]")), "output");
        var first = await InferAsync(_client, "air", Request("[1,2,7]", $"[{halves[0]},{halves[1]}]").Replace("{\"inputs\"", "{\"outputs\":[{\"name\":\"state\"}],\"inputs\"", StringComparison.Ordinal));
        var state = Output(first, "state");

        var second = await InferAsync(_client, "air", $$"""
            {"inputs":[{"name":"input","shape":[1,2,7],"datatype":"FP32","data":[{{halves[2]}},{{halves[3]}}]},
             {"name":"state","shape":{{state["shape"]!.ToJsonString()}},"datatype":"UINT8","data":{{state["data"]!.ToJsonString()}} }]}
            """);

        Assert.Equal(whole[2..], Data(second, "output"));
        state["data"]![40] = (int)state["data"]![40]! ^ 1;
        await InferAsync(_client, "air", $$"""
            {"inputs":[{"name":"input","shape":[7],"datatype":"FP32","data":[1,2,3,4,5,6,7]},
             {"name":"state","shape":{{state["shape"]!.ToJsonString()}},"datatype":"UINT8","data":{{state["data"]!.ToJsonString()}} }]}
            """, HttpStatusCode.BadRequest);
    }

    static string Nested => $"[{string.Join(',', Hours.Split(", ").Select(hour => $"[{hour}]"))}]";

    static string Request(string shape, string data, string datatype = "FP32") =>
        $$"""{"inputs":[{"name":"input","shape":{{shape}},"datatype":"{{datatype}}","data":{{data}} }]}""";
}
