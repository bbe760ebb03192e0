using System.Text.Json.Nodes;
using CsCheck;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>What the bundled models read, and the names that mean something to them: a schema can't say that.</summary>
static class Facts
{
    const string Hour = "[77,-2,-7,1025,1.79,3,4]";
    const string Weather = "[30,17,1002,0.89,18,189]";

    /// <summary>By model, the input of a step and that of a sequence; null if the model takes no such call.</summary>
    static readonly Dictionary<string, (string? Step, string Sequence)> Inputs = new()
    {
        ["air"] = ($$"""{"values":{{Hour}}}""", $$"""{"values":[{{Hour}},{{Hour}}]}"""),
        ["austen"] = ("""{"text":"E"}""", """{"text":"It is a"}"""),
        ["dates"] = (null, """{"text":"3 March 2021"}"""),
        ["monitor"] = ("""{"values":[73.9]}""", """{"values":[[73.9],[74.9],[70]]}"""),
        ["names"] = ("""{"text":"N"}""", """{"text":"Naka"}"""),
        ["tags"] = (null, """{"words":["She","opened","the","door"]}"""),
        ["temperature"] = ($$"""{"values":{{Weather}}}""", $$"""{"values":[{{Weather}},{{Weather}}]}"""),
    };

    static readonly Dictionary<string, Gen<JsonNode?>> ByName = new()
    {
        ["model"] = OneOf([.. Inputs.Keys.Select(name => $"\"{name}\"")]),
        ["version"] = OneOf("1", "1", "1", "2", "null"),
        ["id"] = OneOf("null", "\"air-1\"", "\"austen-1\"", "\"names-2\"", "\"a~b\"", "\"1\""),
        ["text"] = OneOf("\"N\"", "\"Naka\"", "\"It is\"", "\"3 March 2021\""),
        ["source"] = OneOf("\"3 March 2021\"", "\"\""),
        ["pattern"] = OneOf("\"[a-z ]+\"", "\"[0-9]{4}-[0-9]{2}-[0-9]{2}\"", "\"a*\"", "\"\"", "\"(It|He) is\""),
        ["stop"] = OneOf("null", "[]", "[\"\\n\"]", "[\" \",\"the\"]", "\" \"", "\"\""),
        ["logitBias"] = OneOf("{\"e\":-100}", "{\"a\":5,\" \":1.5}", "{\"3\":2}", "{}"),
        ["logit_bias"] = OneOf("{\"3\":-100}", "{}"),
        ["parts"] = OneOf("[\"hidden\"]", "[\"cell\",\"gates\"]", "[\"logits\"]", "[\"candidate\",\"attention\"]", "[]"),
        ["layers"] = OneOf("[\"lstm\"]", "[\"gru\"]", "[\"lstm.0\"]", "[\"norm\"]", "[]"),
        ["units"] = OneOf("[0]", "[0,1,7]", "[]"),
        ["separate"] = OneOf("[0]", "[1,2]", "[]"),
        ["return"] = OneOf("\"last\"", "\"all\""),
        ["maxLength"] = OneOf("1", "3", "8"),
        ["max_tokens"] = OneOf("0", "1", "3"),
        ["n"] = OneOf("1", "2", "3"),
        ["bestOf"] = OneOf("1", "3", "4"),
        ["best_of"] = OneOf("1", "3"),
        ["beams"] = OneOf("1", "2", "4"),
        ["samples"] = OneOf("1", "5"),
        ["horizon"] = OneOf("1", "3", "6"),
        ["quantiles"] = OneOf("[0.1,0.9]", "[0.5]", "[]"),
        ["interval"] = OneOf("\"PT1H\"", "\"P1D\"", "null"),
        ["start"] = OneOf("\"2014-01-04T03:00:00+08:00\"", "null"),
        ["encoding_format"] = OneOf("\"float\"", "\"base64\"", "null"),
        ["dimensions"] = OneOf("null", "8", "128"),
        ["prompt"] = OneOf("\"It is\"", "[\"It\",\"He\"]", "[5,6]", "[[5],[6,7]]"),
        ["input"] = OneOf("\"Nakamura\"", "[\"Rossi\",\"Ito\"]", "[5,6]"),
        ["initialState"] = OneOf("null", "\"zero\"", "\"learned\""),
        ["fingerprint"] = OneOf("null", "\"a\""),
        ["step"] = OneOf("0", "1", "2"),
        ["timeToLive"] = OneOf("60", "600", "0.5"),
        ["history"] = OneOf("0", "1", "8"),
        ["tags"] = OneOf("[]", "[\"demo\"]", "[\"a\",\"b\"]"),
        ["tag"] = OneOf("\"demo\"", "\"a\""),
        ["after"] = OneOf("\"air-1\"", "\"names-2\""),
        ["limit"] = OneOf("1", "10"),
        ["state"] = OneOf("null", """{"step":0,"layers":[]}"""),
        ["datatype"] = OneOf("\"FP32\"", "\"BYTES\"", "\"INT32\"", "\"INT64\"", "\"FP64\"", "\"BOOL\""),
        ["name"] = OneOf("\"input\"", "\"text\"", "\"output\"", "\"probabilities\"", "\"label\""),
        ["shape"] = OneOf("[1]", "[1,1,7]", "[1,2]", "[]"),
        ["label"] = OneOf("\"stable\"", "\"a\"", "null"),
        ["signature_name"] = OneOf("\"serving_default\"", "\"sequence\"", "\"\""),
        ["instances"] = OneOf("[\"Rossi\"]", "[[5,6]]", "[{\"b64\":\"Um9zc2k=\"},\"Ito\"]", "[{\"input\":\"Ito\"}]"),
        ["parameters"] = OneOf("{}", """{"return":"all"}""", """{"sequence_id":42,"sequence_start":true}""", """{"sequence_id":"s","sequence_end":true}""", """{"max_tokens":3}""", """{"binary_data_output":true}""", """{"classification":2}"""),
    };

    public static IEnumerable<string> Models => Inputs.Keys.Order(StringComparer.Ordinal);

    /// <summary>The names of sessions, each of the model that it begins with.</summary>
    public static IReadOnlyList<string> Sessions { get; } = [.. Inputs.Keys.SelectMany(model => new[] { $"{model}-1", $"{model}-2" })];

    /// <summary>What members of this name are; null if nothing is known of it.</summary>
    public static Gen<JsonNode?>? Of(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The input of a model as an operation takes it; null if it takes none.</summary>
    public static string? InputOf(string model, Operation operation) => operation.Template.Split('/')[^1] switch
    {
        var predict when predict.EndsWith(":predict", StringComparison.Ordinal) => $$"""{"instances":[{{JsonNode.Parse(Inputs[model].Sequence)!.AsObject().Single().Value!.ToJsonString()}}]}""",
        "step" or "observe" => Inputs[model].Step,
        "sequence" or "generate" or "score" => Inputs[model].Sequence,
        _ => null,
    };

    static Gen<JsonNode?> OneOf(params string[] documents) => Gen.OneOf(documents).Select(text => JsonNode.Parse(text));
}
