using Rnn.Engine.Models;

namespace Rnn.Engine.Tests.Sessions.Replaying;

/// <summary>Models of random weights under one name, whose kind and size of cell a test chooses.</summary>
static class SmallModels
{
    public const string Name = "test";

    /// <summary>The cells, and how many gates each has.</summary>
    public static readonly Dictionary<string, int> Cells = new() { ["lstm"] = 4, ["gru"] = 3, ["elman"] = 1 };

    /// <summary>One that reads and tells characters.</summary>
    public static RecurrentModel Text(string cell, int hidden, int seed, int version = 1, string vocabulary = """ "\n", "a", "b", "c" """) => Load(
        $$"""
        {
          "format": 1,
          "input": { "kind": "characters", "vocabulary": [{{vocabulary}}], "start": "\n" },
          "layers": [{ "kind": "embedding", "name": "e", "size": 3 }, { "kind": "{{cell}}", "name": "rnn", "hiddenSize": {{hidden}} }, { "kind": "dense", "name": "head", "size": 4 }],
          "output": { "kind": "next-token" }
        }
        """,
        version, [("e.weight", [4, 3]), .. Rnn(cell, 3, hidden), ("head.weight", [4, hidden]), ("head.bias", [4])], seed);

    /// <summary>One that reads two features and tells the next ones; with a layer before that skips some, if that is given.</summary>
    public static RecurrentModel Series(string cell, int hidden, int seed, int version = 1, double mean = 10, string unit = "K", string mask = "") => Load(
        $$"""
        {
          "format": 1,
          "input": { "kind": "features", "features": [{ "name": "x", "unit": "{{unit}}", "scaling": { "kind": "standard", "mean": {{mean}}, "deviation": 3 } }, { "name": "y" }] },
          "layers": [{{mask}}{ "kind": "{{cell}}", "name": "rnn", "hiddenSize": {{hidden}} }, { "kind": "dense", "name": "head", "size": 2 }],
          "output": { "kind": "values", "values": [{ "name": "x", "unit": "{{unit}}", "scaling": { "kind": "standard", "mean": {{mean}}, "deviation": 3 } }, { "name": "y" }] }
        }
        """,
        version, [.. Rnn(cell, 2, hidden), ("head.weight", [2, hidden]), ("head.bias", [2])], seed);

    /// <summary>One that tells three classes of texts of words.</summary>
    public static RecurrentModel Classes(string cell, int hidden, int seed, int version = 1) => Load(
        $$"""
        {
          "format": 1,
          "input": { "kind": "words", "vocabulary": ["<unk>", "good", "bad"], "unknown": "<unk>" },
          "layers": [{ "kind": "embedding", "name": "e", "size": 3 }, { "kind": "{{cell}}", "name": "rnn", "hiddenSize": {{hidden}} }, { "kind": "dense", "name": "head", "size": 3 }],
          "output": { "kind": "classes", "labels": ["no", "so", "yes"] }
        }
        """,
        version, [("e.weight", [3, 3]), .. Rnn(cell, 3, hidden), ("head.weight", [3, hidden]), ("head.bias", [3])], seed);

    /// <summary>An Elman network of one unit without bounds: h' = relu(growth * h + x + y).</summary>
    public static RecurrentModel Growing(float growth)
    {
        using var folder = new ModelFolder(
            """
            {
              "format": 1,
              "input": { "kind": "features", "features": [{ "name": "x", "unit": "K" }, { "name": "y" }] },
              "layers": [{ "kind": "elman", "name": "rnn", "hiddenSize": 1, "activation": "relu" }],
              "output": { "kind": "values", "values": [{ "name": "z" }] }
            }
            """,
            ("rnn.weight_ih_l0", [1, 2], [1, 1]), ("rnn.weight_hh_l0", [1, 1], [growth]), ("rnn.bias_ih_l0", [1], [0]), ("rnn.bias_hh_l0", [1], [0]));
        return folder.Load();
    }

    static (string Name, int[] Shape)[] Rnn(string cell, int inputs, int hidden)
    {
        var rows = Cells[cell] * hidden;
        return [("rnn.weight_ih_l0", [rows, inputs]), ("rnn.weight_hh_l0", [rows, hidden]), ("rnn.bias_ih_l0", [rows]), ("rnn.bias_hh_l0", [rows])];
    }

    static RecurrentModel Load(string manifest, int version, (string Name, int[] Shape)[] shapes, int seed)
    {
        var random = new Random(seed);
        var tensors = shapes.Select(tensor => (
            tensor.Name,
            tensor.Shape,
            Enumerable.Range(0, tensor.Shape.Aggregate(1, (size, length) => size * length)).Select(_ => 2 * random.NextSingle() - 1).ToArray()));
        using var folder = new ModelFolder(manifest, [.. tensors]);
        return folder.LoadAs(version);
    }
}
